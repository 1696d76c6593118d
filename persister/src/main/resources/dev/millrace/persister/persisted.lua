#!lua flags=allow-oom
-- Finishes changes that Postgres has: acknowledges them, takes their events off the count of those it has not, and deletes from the stream
-- what is both persisted and on the boards.
-- KEYS: lease, changes, boarded, depth
-- ARGV: owner, epoch, group, field of depth that counts unpersisted events, then for each change: id, how many events it tells of
-- Returns: DONE how many were acknowledged now, how many were deleted | FENCED
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then
  return { 'FENCED' }
end
if #ARGV % 2 ~= 0 then
  return redis.error_reply('ERR a change without its number of events')
end

local function parse(id)
  local ms, seq = string.match(id or '', '^(%d+)%-(%d+)$')
  return ms and { tonumber(ms), tonumber(seq) }
end
local function lower(a, b)
  if a[1] ~= b[1] then
    return a[1] < b[1] and a or b
  end
  return a[2] < b[2] and a or b
end
local function after(id)
  return { id[1], id[2] + 1 }
end

-- Everything is read and checked before the first write.
for i = 5, #ARGV, 2 do
  if not parse(ARGV[i]) or not string.match(ARGV[i + 1], '^%d+$') then
    return redis.error_reply('ERR no change: ' .. ARGV[i] .. ' ' .. ARGV[i + 1])
  end
end
local boarded = parse(redis.call('GET', KEYS[3]))
local unpersisted = redis.call('HGET', KEYS[4], ARGV[4])
if unpersisted and not string.match(unpersisted, '^%-?%d+$') then
  return redis.error_reply('ERR no count of unpersisted events: ' .. unpersisted)
end
local delivered
local groups = redis.pcall('XINFO', 'GROUPS', KEYS[2])
if not groups.err then
  for _, group in ipairs(groups) do
    local facts = {}
    for i = 1, #group, 2 do
      facts[group[i]] = group[i + 1]
    end
    if facts['name'] == ARGV[3] then
      delivered = parse(facts['last-delivered-id'])
    end
  end
end
if not delivered then
  -- Stream or group is gone: nothing is pending, and nothing says what may be deleted.
  return { 'DONE', 0, 0 }
end

-- One by one, because only what was still pending counts.
local acked = 0
local events = 0
for i = 5, #ARGV, 2 do
  if redis.call('XACK', KEYS[2], ARGV[3], ARGV[i]) == 1 then
    acked = acked + 1
    events = events + tonumber(ARGV[i + 1])
  end
end
if events > 0 and redis.call('HINCRBY', KEYS[4], ARGV[4], string.format('%.0f', -events)) <= 0 then
  redis.call('HDEL', KEYS[4], ARGV[4])
end

local trimmed = 0
if boarded then
  local keep = lower(after(boarded), after(delivered))
  local oldest = parse(redis.call('XPENDING', KEYS[2], ARGV[3])[2])
  if oldest then
    keep = lower(keep, oldest)
  end
  trimmed = redis.call('XTRIM', KEYS[2], 'MINID', '=', string.format('%.0f-%.0f', keep[1], keep[2]))
end
return { 'DONE', acked, trimmed }
