#!lua flags=allow-oom
-- Reads new entries for the holder of a lease, who says which id of each stream it was given last: if the group has gone further, a reply was
-- lost on the way, and reading on would let later entries overtake those of the lost reply. Streams share a read by their weights; what one
-- does not need goes to the others. Where nothing is left to read, the lease says from then on that its holder waits for the bell, and whoever
-- appends next takes that back and rings.
-- KEYS: lease, depth, changes, stream…
-- ARGV: owner, epoch, group, consumer, how many, field of depth that holds reading back, its bound (0 for none), then for each stream its last
--       delivered id and its weight
-- Returns: ENTRIES for each stream a list of (id, fields)… | FENCED | GAP number of the stream from 0, last delivered id | NOGROUP number of the stream | FULL
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch', 'waits')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then
  return { 'FENCED' }
end
if ARGV[7] ~= '0' and (tonumber(redis.call('HGET', KEYS[2], ARGV[6])) or 0) >= tonumber(ARGV[7]) then
  if redis.call('XLEN', KEYS[3]) > 0 then
    return { 'FULL' }
  end
  -- The changes were deleted by someone, and nobody else would ever take them off the count.
  redis.call('HDEL', KEYS[2], ARGV[6])
end
local answer = { 'ENTRIES' }
local filled = {}
local weights = 0
local i = 1
while KEYS[3 + i] do
  answer[i + 1] = {}
  -- An empty stream has nothing to give and nothing that could have been lost.
  if redis.call('XLEN', KEYS[3 + i]) > 0 then
    local last
    local groups = redis.call('XINFO', 'GROUPS', KEYS[3 + i])
    for _, group in ipairs(groups) do
      local facts = {}
      for j = 1, #group, 2 do
        facts[group[j]] = group[j + 1]
      end
      if facts['name'] == ARGV[3] then
        last = facts['last-delivered-id']
      end
    end
    if not last then
      return { 'NOGROUP', i - 1 }
    end
    if last ~= ARGV[2 * i + 6] then
      return { 'GAP', i - 1, last }
    end
    filled[#filled + 1] = i
    weights = weights + tonumber(ARGV[2 * i + 7])
  end
  i = i + 1
end
local left = tonumber(ARGV[5])
local function read(n, count)
  local got = redis.call('XREADGROUP', 'GROUP', ARGV[3], ARGV[4], 'COUNT', count, 'STREAMS', KEYS[3 + n], '>')
  got = got and got[1][2] or {}
  for j = 1, #got do
    table.insert(answer[n + 1], got[j])
  end
  left = left - #got
  return #got == count
end
local more = {}
for _, n in ipairs(filled) do
  local share = #filled == 1 and left or math.max(1, math.floor(ARGV[5] * ARGV[2 * n + 7] / weights))
  if left > 0 and read(n, math.min(share, left)) then
    more[#more + 1] = n
  end
end
for _, n in ipairs(more) do
  if left > 0 then
    read(n, left)
  end
end
if left > 0 and not lease[3] then
  redis.call('HSET', KEYS[1], 'waits', '1')
end
return answer
