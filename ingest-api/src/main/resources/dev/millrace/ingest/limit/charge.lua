#!lua
-- Charges requests to buckets, one after the other: each to all of the buckets, or to none where one of them is used up.
-- KEYS: bucket…
-- ARGV: number of requests; then for each bucket: fixed-window | sliding-window | token-bucket, quota, window in µs, burst
-- Returns: CHARGED, how many requests were charged, Redis's time in µs; then for each bucket how many more it would take now, and µs until
--          it will take more
local wanted, time = tonumber(ARGV[1]), redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function text(number)
  return string.format('%.0f', number)
end
-- When a bucket is forgotten: by the clock that counts, and never too early.
local function in_ms(micros)
  return text(math.ceil(micros / 1000) + 1)
end

-- Each algorithm reads a bucket and sets how many requests are left in it; charges some of those; and says how long it is until it takes
-- more. All of it is whole numbers below 2^53.
local algorithms = {
  -- '<number of the window> <count>'
  ['fixed-window'] = {
    read = function(bucket)
      bucket.number = math.floor(now / bucket.window)
      local number, count = string.match(redis.call('GET', bucket.key) or '', '^(%d+) (%d+)$')
      bucket.count = number == text(bucket.number) and tonumber(count) or 0
      bucket.left = math.max(bucket.quota - bucket.count, 0)
    end,
    charge = function(bucket, requests)
      redis.call('SET', bucket.key, text(bucket.number) .. ' ' .. text(bucket.count + requests), 'PXAT',
        in_ms((bucket.number + 1) * bucket.window))
    end,
    wait = function(bucket)
      return (bucket.number + 1) * bucket.window - now
    end
  },
  -- A sorted set of the requests of the last window, by their time. Those of one moment are told apart by a number.
  ['sliding-window'] = {
    read = function(bucket)
      bucket.after = '(' .. text(now - bucket.window)
      bucket.left = math.max(bucket.quota - redis.call('ZCOUNT', bucket.key, bucket.after, '+inf'), 0)
    end,
    charge = function(bucket, requests)
      redis.call('ZREMRANGEBYSCORE', bucket.key, '-inf', text(now - bucket.window))
      local same = redis.call('ZCOUNT', bucket.key, text(now), text(now))
      for number = same + 1, same + requests do
        redis.call('ZADD', bucket.key, text(now), text(now) .. '-' .. number)
      end
      redis.call('PEXPIREAT', bucket.key, in_ms(now + bucket.window))
    end,
    wait = function(bucket)
      local oldest = redis.call('ZRANGEBYSCORE', bucket.key, bucket.after, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
      return oldest[2] and tonumber(oldest[2]) + bucket.window - now or 0
    end
  },
  -- '<level> <when, in µs>', the level in parts: a request takes as many parts as the window has µs, and quota parts come back each µs.
  -- A bucket that isn't there is full.
  ['token-bucket'] = {
    read = function(bucket)
      local full = bucket.burst * bucket.window
      local level, at = string.match(redis.call('GET', bucket.key) or '', '^(%d+) (%d+)$')
      level = math.min(tonumber(level or full), full)
      local passed = math.max(now - (at or now), 0)
      if passed >= (full - level) / bucket.quota then
        level = full
      else
        level = level + passed * bucket.quota
      end
      bucket.full, bucket.level, bucket.left = full, level, math.floor(level / bucket.window)
    end,
    charge = function(bucket, requests)
      bucket.level = bucket.level - requests * bucket.window
      redis.call('SET', bucket.key, text(bucket.level) .. ' ' .. text(now), 'PXAT',
        in_ms(now + (bucket.full - bucket.level) / bucket.quota))
    end,
    wait = function(bucket)
      if bucket.level >= bucket.full then
        return 0
      end
      return math.ceil(((bucket.left + 1) * bucket.window - bucket.level) / bucket.quota)
    end
  }
}

-- Every bucket is read before any is charged, so that one of a wrong type fails while nothing is done yet.
local buckets, charged = {}, wanted
for i = 1, (#ARGV - 1) / 4 do
  local at = 4 * i - 2
  local bucket = { key = KEYS[0 + i], algorithm = algorithms[ARGV[at]], quota = tonumber(ARGV[at + 1]), window = tonumber(ARGV[at + 2]),
    burst = tonumber(ARGV[at + 3]) }
  bucket.algorithm.read(bucket)
  charged = math.min(charged, bucket.left)
  buckets[i] = bucket
end

local answer = { 'CHARGED', charged, now }
for _, bucket in ipairs(buckets) do
  if charged > 0 then
    bucket.algorithm.charge(bucket, charged)
    bucket.left = bucket.left - charged
  end
  answer[#answer + 1] = bucket.left
  answer[#answer + 1] = bucket.algorithm.wait(bucket)
end
return answer
