#!lua flags=allow-oom
-- Ends a session.
-- KEYS: session
-- ARGV: none
-- Returns: ENDED | GONE
if redis.call('DEL', KEYS[1]) == 1 then
  return { 'ENDED' }
end
return { 'GONE' }
