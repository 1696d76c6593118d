#!lua
-- Puts one event into its partition's schedule, if its key is new, schedule and dedupe window have room, and it is not due already; rings
-- the bell where no other falls due before it.
-- KEYS: scheduled, payloads, once of this window, once of the window before
-- ARGV: number of this window as the caller believes, or - if the event has no key; window in ms; dedupe max; schedule max; channel of the
--       bell; partition; at or in; that many ms (since the epoch, or from now); once field or nothing; digest of 16 bytes; again
--       if what is remembered of a replayed event is to be written again, so that its caller can wait for replicas to have it; then what is kept
--       of the event: priority, lane field, client field, stream words
-- Returns: BUCKET and Redis's time in ms if the caller believes in another window, and nothing was done; SCHEDULED id, due in ms |
--          REPLAYED what was remembered | CONFLICT | SCHEDULE_FULL | DEDUPE_FULL ms until the next window | DUE
local scheduled, payloads, once, before = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local window, dedupe_max, key, digest = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[9], ARGV[10]

-- Every key is read before anything is written, so that one of a wrong type fails while nothing is done yet.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local remembered = 0
if ARGV[1] ~= '-' then
  if string.format('%.0f', math.floor(now / window)) ~= ARGV[1] then
    return { 'BUCKET', string.format('%.0f', now) }
  end
  local home = once
  local known = redis.call('HGET', once, key)
  if not known then
    home = before
    known = redis.call('HGET', before, key)
  end
  if known then
    if string.sub(known, 1, 16) == digest then
      if ARGV[11] == 'again' then
        redis.call('HSET', home, key, known)
      end
      return { 'REPLAYED', string.sub(known, 17) }
    end
    return { 'CONFLICT' }
  end
  remembered = redis.call('HLEN', once)
end
local due = tonumber(ARGV[8])
if ARGV[7] == 'in' then
  due = now + due
end
if due <= now then
  return { 'DUE' }
end
if redis.call('ZCARD', scheduled) >= tonumber(ARGV[4]) then
  return { 'SCHEDULE_FULL' }
end
if key ~= '' and remembered >= dedupe_max then
  return { 'DEDUPE_FULL', string.format('%.0f', window - now % window) }
end

-- As in a stream, an id carries the microsecond, and none comes twice even where the clock has gone back.
local ms, seq = now, time[2] % 1000 * 64
local last = redis.call('HGET', payloads, 'last')
if last then
  local last_ms, last_seq = tonumber(string.sub(last, 1, 13)), tonumber(string.sub(last, 15))
  if last_ms > ms or (last_ms == ms and last_seq >= seq) then
    ms, seq = last_ms, last_seq + 1
  end
end
local member = string.format('%013.0f-%010.0f', ms, seq)
local id = string.format('%.0f-%.0f', ms, seq)
due = string.format('%.0f', due)
redis.call('HSET', payloads, member, cmsgpack.pack({ unpack(ARGV, 12) }), 'last', member)
redis.call('ZADD', scheduled, due, member)
if key ~= '' then
  redis.call('HSET', once, key, digest .. 's' .. id .. '@' .. due)
  if remembered == 0 then
    redis.call('PEXPIRE', once, string.format('%.0f', 2 * window))
  end
end
if redis.call('ZRANGE', scheduled, 0, 0)[1] == member then
  redis.call('PUBLISH', ARGV[5], ARGV[6])
end
return { 'SCHEDULED', id, due }
