#!lua
-- Appends events to one stream in order, each only if its key is new and queue, lane, client and dedupe window have room for it. Rings if the
-- partition's owner waits for that.
-- KEYS: events, depth, once of this window, once of the window before, lease of the processors
-- ARGV: number of this window as the caller believes, or - if no event has a key; window in ms; dedupe max; queue max; lane max;
--       client max; channel on which to ring; number of the partition; again if what is remembered of a replayed event is to be written again, so
--       that its caller can wait for replicas to have it; then for each event: lane field, client field, once field or nothing, digest of 16
--       bytes, number of stream words, stream words
-- Returns: BUCKET and Redis's time in ms if the caller believes in another window, and nothing was done;
--          else OK, then for each event ADDED id | REPLAYED id | CONFLICT - | QUEUE_FULL - | LANE_FULL - | CLIENT_FULL - | DEDUPE_FULL ms
--          until the next window
local events, depth, once, before = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local window, dedupe_max = tonumber(ARGV[2]), tonumber(ARGV[3])
local queue_max, lane_max, client_max = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

-- Every key is read before anything is written, so that one of a wrong type fails while nothing is done yet.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local remembered
if ARGV[1] ~= '-' then
  if string.format('%.0f', math.floor(now / window)) ~= ARGV[1] then
    return { 'BUCKET', string.format('%.0f', now) }
  end
  remembered = redis.call('HLEN', once)
  redis.call('HLEN', before)
end
local queued = redis.call('XLEN', events)

local waiting, added, shut = {}, {}, {}
local function count(lane, client)
  if not waiting[lane] then
    local known = redis.call('HMGET', depth, lane, client)
    waiting[lane] = tonumber(known[1] or 0)
    waiting[client] = waiting[client] or tonumber(known[2] or 0)
  end
end

-- The first id carries the microsecond, so that ids of different streams are in the order of acceptance too; those of one script follow on
-- it. Where the clock has gone back, Redis makes an id above the stream's last.
local next_id = string.format('%.0f-%.0f', now, time[2] % 1000 * 64)
local follow_id = string.format('%.0f-*', now)
local function append(first, last)
  local id = redis.pcall('XADD', events, next_id, unpack(ARGV, first, last))
  if id.err then
    id = redis.call('XADD', events, '*', unpack(ARGV, first, last))
  end
  next_id = follow_id
  return id
end

local answer = { 'OK' }
local again = ARGV[9] == 'again'
local i = 10
while ARGV[i] do
  local lane, client, key, digest, words = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], tonumber(ARGV[i + 4])
  local home = once
  local known = key ~= '' and redis.call('HGET', once, key)
  if key ~= '' and not known then
    home = before
    known = redis.call('HGET', before, key)
  end
  local word, detail = nil, '-'
  if not known and queued < queue_max then
    count(lane, client)
  end
  if known then
    if string.sub(known, 1, 16) == digest then
      word, detail = 'REPLAYED', string.sub(known, 17)
      if again then
        redis.call('HSET', home, key, known)
      end
    else
      word = 'CONFLICT'
    end
  elseif queued >= queue_max then
    word = 'QUEUE_FULL'
  elseif waiting[lane] >= lane_max then
    word = 'LANE_FULL'
  elseif waiting[client] >= client_max then
    word = 'CLIENT_FULL'
  elseif shut[lane] or (key ~= '' and remembered >= dedupe_max) then
    -- What comes behind it in the lane waits as well, with a key or without: it must not be accepted first.
    shut[lane] = true
    word, detail = 'DEDUPE_FULL', string.format('%.0f', window - now % window)
  else
    word, detail = 'ADDED', append(i + 5, i + 4 + words)
    queued = queued + 1
    waiting[lane] = waiting[lane] + 1
    waiting[client] = waiting[client] + 1
    added[lane] = (added[lane] or 0) + 1
    added[client] = (added[client] or 0) + 1
    if key ~= '' then
      redis.call('HSET', once, key, digest .. detail)
      remembered = remembered + 1
      if remembered == 1 then
        redis.call('PEXPIRE', once, string.format('%.0f', 2 * window))
      end
    end
  end
  answer[#answer + 1] = word
  answer[#answer + 1] = detail
  i = i + 5 + words
end
for field, count in pairs(added) do
  redis.call('HINCRBY', depth, field, count)
end
if next(added) and redis.call('HDEL', KEYS[5], 'waits') == 1 then
  redis.call('PUBLISH', ARGV[7], ARGV[8])
end
return answer
