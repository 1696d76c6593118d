#!lua
-- Writes a namespace's fixed facts where it has none yet, and answers those that hold.
-- KEYS: meta
-- ARGV: partitions, hash version, generation, secret
-- Returns: META partitions, hash version, generation, secret
redis.call('HSETNX', KEYS[1], 'partitions', ARGV[1])
redis.call('HSETNX', KEYS[1], 'hash', ARGV[2])
redis.call('HSETNX', KEYS[1], 'generation', ARGV[3])
redis.call('HSETNX', KEYS[1], 'secret', ARGV[4])
local meta = redis.call('HMGET', KEYS[1], 'partitions', 'hash', 'generation', 'secret')
return { 'META', meta[1], meta[2], meta[3], meta[4] }
