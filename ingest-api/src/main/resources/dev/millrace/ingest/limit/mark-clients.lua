#!lua
-- Notes which clients sent requests.
-- KEYS: clients
-- ARGV: for each client: its id, hour of its last request
-- Returns: MARKED
for i = 1, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end
return { 'MARKED' }
