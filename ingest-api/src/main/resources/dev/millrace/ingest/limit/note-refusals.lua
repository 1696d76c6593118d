#!lua
-- Puts refusals in front of those that are there, and lets the oldest go.
-- KEYS: refusals
-- ARGV: how many are kept; for how many ms; refusals, oldest first
-- Returns: NOTED
for i = 3, #ARGV do
  redis.call('LPUSH', KEYS[1], ARGV[i])
end
redis.call('LTRIM', KEYS[1], 0, ARGV[1] - 1)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return { 'NOTED' }
