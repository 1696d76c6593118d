#!lua
-- Puts a session onto its user's list and takes those off that are over, and the oldest while there are too many.
-- KEYS: sessions of the user
-- ARGV: session id, how long it may last in ms, how many a user may have
-- Returns: LISTED, ids of sessions that have to end…
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local over = string.format('%.0f', now + tonumber(ARGV[2]))
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
local answer = { 'LISTED' }
local many = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[3]) + 1
if many > 0 then
  for place, item in ipairs(redis.call('ZPOPMIN', KEYS[1], many)) do
    if place % 2 == 1 then
      answer[#answer + 1] = item
    end
  end
end
redis.call('ZADD', KEYS[1], over, ARGV[1])
redis.call('PEXPIREAT', KEYS[1], redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2])
return answer
