#!lua
-- Adds to the counts of one client's requests in one hour.
-- KEYS: requests
-- ARGV: when they are forgotten, in ms since the epoch; then for each count: field, how many more
-- Returns: COUNTED
for i = 2, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1])
end
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return { 'COUNTED' }
