#!lua
-- Appends events to one stream in order, each only if its key is new and queue, lane, client and dedupe window have room for it. Rings if the
-- partition's owner waits for that.
-- KEYS: events, depth, once of this window, once of the window before, lease of the processors
-- ARGV: number of this window as the caller believes, or - if no event has a key; window in ms; dedupe max; queue max; lane max;
--       client max; channel on which to ring; number of the partition; again if what is remembered of a replayed event is to be written again, so
--       that its caller can wait for replicas to have it; then for each event: lane field, client field, once field or nothing, digest of 16
--       bytes, names of the entry's fields as one letter each, their values
-- Returns: BUCKET and Redis's time in ms if the caller believes in another window, and nothing was done;
--          else OK, then for each event ADDED id | REPLAYED id | CONFLICT - | QUEUE_FULL - | LANE_FULL - | CLIENT_FULL - | DEDUPE_FULL ms
--          until the next window
local events, depth, once, before = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local window, dedupe_max = tonumber(ARGV[2]), tonumber(ARGV[3])
local queue_max, lane_max, client_max = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

-- What is known of the events' keys, lanes and clients is read for all of them together, and written so at the end: commands cost more than
-- what they do. Every key is read before anything is written, so that one of a wrong type fails while nothing is done yet.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local remembered, new_window
if ARGV[1] ~= '-' then
  if string.format('%.0f', math.floor(now / window)) ~= ARGV[1] then
    return { 'BUCKET', string.format('%.0f', now) }
  end
  remembered = redis.call('HLEN', once)
  new_window = remembered == 0
end
local queued = redis.call('XLEN', events)

local keys, fields, waiting = {}, {}, {}
local i = 10
while ARGV[i] do
  for at = i, i + 1 do
    if not waiting[ARGV[at]] then
      waiting[ARGV[at]] = 0
      fields[#fields + 1] = ARGV[at]
    end
  end
  if ARGV[i + 2] ~= '' then
    keys[#keys + 1] = ARGV[i + 2]
  end
  i = i + 5 + #ARGV[i + 4]
end
for n, count in ipairs(redis.call('HMGET', depth, unpack(fields))) do
  waiting[fields[n]] = tonumber(count or 0)
end
local known, home = {}, {}
if #keys > 0 then
  local now_known, known_before = redis.call('HMGET', once, unpack(keys)), redis.call('HMGET', before, unpack(keys))
  for n, key in ipairs(keys) do
    known[key] = now_known[n] or known_before[n]
    home[key] = now_known[n] and once or before
  end
end

-- The first id carries the microsecond, so that ids of different streams are in the order of acceptance too; those of one script follow on
-- it. Where the clock has gone back, Redis makes an id above the stream's last.
local next_id = string.format('%.0f-%.0f', now, time[2] % 1000 * 64)
local follow_id = string.format('%.0f-*', now)
local function append(names, values_at)
  local words = {}
  for n = 1, #names do
    words[2 * n - 1] = string.sub(names, n, n)
    words[2 * n] = ARGV[values_at + n - 1]
  end
  local id = redis.pcall('XADD', events, next_id, unpack(words))
  if id.err then
    id = redis.call('XADD', events, '*', unpack(words))
  end
  next_id = follow_id
  return id
end

local answer = { 'OK' }
local again = ARGV[9] == 'again'
local added, shut, memory = {}, {}, { [once] = {}, [before] = {} }
local function remember(hash, key, what)
  local list = memory[hash]
  list[#list + 1] = key
  list[#list + 1] = what
end
i = 10
while ARGV[i] do
  local lane, client, key, digest, names = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  local first = known[key]
  local word, detail = nil, '-'
  if first then
    if string.sub(first, 1, 16) == digest then
      word, detail = 'REPLAYED', string.sub(first, 17)
      if again then
        remember(home[key], key, first)
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
    word, detail = 'ADDED', append(names, i + 5)
    queued = queued + 1
    waiting[lane] = waiting[lane] + 1
    waiting[client] = waiting[client] + 1
    added[lane], added[client] = true, true
    if key ~= '' then
      known[key], home[key] = digest .. detail, once
      remember(once, key, known[key])
      remembered = remembered + 1
    end
  end
  answer[#answer + 1] = word
  answer[#answer + 1] = detail
  i = i + 5 + #names
end
for hash, list in pairs(memory) do
  if list[1] then
    redis.call('HSET', hash, unpack(list))
  end
end
if new_window and memory[once][1] then
  redis.call('PEXPIRE', once, string.format('%.0f', 2 * window))
end
if next(added) then
  local counts = {}
  for field in pairs(added) do
    counts[#counts + 1] = field
    counts[#counts + 1] = string.format('%.0f', waiting[field])
  end
  redis.call('HSET', depth, unpack(counts))
  if redis.call('HDEL', KEYS[5], 'waits') == 1 then
    redis.call('PUBLISH', ARGV[7], ARGV[8])
  end
end
return answer
