#!lua flags=no-writes
-- Tells how a partition is: its owner, what waits in it and where, and its deepest lanes among as many counts as may be looked at.
-- KEYS: lease, events of high priority, events of normal priority, events of low priority, scheduled, dead, depth, tries, paused
-- ARGV: group; field of depth that counts what is not persisted; counts that may be looked at; how many of the deepest lanes are told
-- Returns: PARTITION owner (or empty), epoch (or empty), ms that are left of the lease, events by priority, pending events, scheduled, ms
--          until the next falls due (or empty), dead letters, events that are not persisted, lanes with tries, paused lanes, whether all
--          counts were looked at (1 or 0), depth field and count of the deepest lanes in turn
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch', 'until')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local backlog, pending = {}, 0
for i, events in ipairs({ KEYS[2], KEYS[3], KEYS[4] }) do
  backlog[i] = redis.call('XLEN', events)
  local summary = redis.pcall('XPENDING', events, ARGV[1])
  if not summary.err then
    pending = pending + summary[1]
  elseif not string.find(summary.err, '^NOGROUP') then
    return summary
  end
end
local next = redis.call('ZRANGE', KEYS[5], 0, 0, 'WITHSCORES')[2]

local deepest = {}
local function weigh(field, count)
  local at = #deepest + 1
  while at > 1 and deepest[at - 1].count < count do
    at = at - 1
  end
  if at <= tonumber(ARGV[4]) then
    table.insert(deepest, at, { field = field, count = count })
    deepest[tonumber(ARGV[4]) + 1] = nil
  end
end
local cursor, looked = '0', 0
repeat
  local page = redis.call('HSCAN', KEYS[7], cursor, 'COUNT', 500)
  cursor = page[1]
  for i = 1, #page[2], 2 do
    looked = looked + 1
    if string.sub(page[2][i], 1, 2) == 'l:' then
      weigh(page[2][i], tonumber(page[2][i + 1]))
    end
  end
until cursor == '0' or looked >= tonumber(ARGV[3])
local lanes = {}
for _, lane in ipairs(deepest) do
  lanes[#lanes + 1] = lane.field
  lanes[#lanes + 1] = string.format('%.0f', lane.count)
end
return { 'PARTITION', lease[1] or '', lease[2] or '', string.format('%.0f', math.max(0, (tonumber(lease[3]) or 0) - now)), backlog, pending,
  redis.call('ZCARD', KEYS[5]), next and string.format('%.0f', math.max(0, next - now)) or '', redis.call('XLEN', KEYS[6]),
  redis.call('HGET', KEYS[7], ARGV[2]) or '0', redis.call('HLEN', KEYS[8]), redis.call('HLEN', KEYS[9]), cursor == '0' and 1 or 0, lanes }
