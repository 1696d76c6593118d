#!lua flags=no-writes
-- Reads changes that may not be on the boards yet.
-- KEYS: boarded, changes
-- ARGV: after which change id (empty: after the one noted), how many
-- Returns: CHANGES list of (id, fields)
local after = ARGV[1]
if after == '' then
  after = redis.call('GET', KEYS[1]) or '0-0'
end
return { 'CHANGES', redis.call('XRANGE', KEYS[2], '(' .. after, '+', 'COUNT', ARGV[2]) }
