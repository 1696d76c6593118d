#!lua
-- Begins a session.
-- KEYS: session
-- ARGV: client, user, agent, idle time in ms, how long it may last in ms
-- Returns: BEGUN, now, when it ends in any case
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local over = now + tonumber(ARGV[5])
local text_now = string.format('%.0f', now)
local text_over = string.format('%.0f', over)
redis.call('HSET', KEYS[1], 'client', ARGV[1], 'user', ARGV[2], 'agent', ARGV[3], 'created', text_now, 'seen', text_now, 'until',
  text_over)
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', math.min(now + tonumber(ARGV[4]), over)))
return { 'BEGUN', text_now, text_over }
