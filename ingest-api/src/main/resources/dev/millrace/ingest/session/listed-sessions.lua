#!lua flags=no-writes
-- Says which sessions a user's list holds; those that were idle too long are still on it.
-- KEYS: sessions of the user
-- ARGV: none
-- Returns: LISTED, ids…
local answer = { 'LISTED' }
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  answer[#answer + 1] = id
end
return answer
