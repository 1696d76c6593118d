#!lua flags=no-writes
-- Tells how a lane is: who owns its partition, how many events it holds, whether it is paused, and what is known of its head. Where no
-- tries name the head, it is searched among the first entries of the stream.
-- KEYS: events, lease, depth, tries, paused
-- ARGV: field of depth; field of tries and pauses; client; name; group; how many entries may be searched
-- Returns: LANE owner, epoch, ms that are left of the lease, events of the lane, since when it is paused in ms (or empty), tries of the head
--          (or empty), entries that were searched, the head: nothing, or stream id, fields, deliveries (0 if nobody has it)
local PAGE = 100
local BYTES = 4194304

local events = KEYS[1]
local lease = redis.call('HMGET', KEYS[2], 'owner', 'epoch', 'until')
local time = redis.call('TIME')
local left = (tonumber(lease[3]) or 0) - (time[1] * 1000 + math.floor(time[2] / 1000))
local depth = redis.call('HGET', KEYS[3], ARGV[1]) or '0'
local tries = redis.call('HGET', KEYS[4], ARGV[2]) or ''
local paused = redis.call('HGET', KEYS[5], ARGV[2]) or ''

local function of_lane(fields)
  local client, name
  for i = 1, #fields, 2 do
    if fields[i] == 'c' then
      client = fields[i + 1]
    elseif fields[i] == 'l' then
      name = fields[i + 1]
    end
  end
  return client == ARGV[3] and name == ARGV[4]
end

local searched = 0
-- Bounded by bytes, too, because entries may be large.
local function search()
  local from, bytes = '-', 0
  local most = tonumber(ARGV[6])
  while searched < most and bytes < BYTES do
    local page = redis.call('XRANGE', events, from, '+', 'COUNT', PAGE)
    for _, entry in ipairs(page) do
      searched = searched + 1
      if of_lane(entry[2]) then
        return entry
      end
      for i = 2, #entry[2], 2 do
        bytes = bytes + #entry[2][i]
      end
    end
    if #page < PAGE then
      return nil
    end
    from = '(' .. page[#page][1]
  end
end

local named = string.match(tries, '^[12]|(%d+%-%d+)|')
local head = named and redis.call('XRANGE', events, named, named)[1]
if not head and tonumber(depth) > 0 then
  head = search()
end
local found = {}
if head then
  local pending = redis.pcall('XPENDING', events, ARGV[5], head[1], head[1], 1)
  if pending.err and not string.find(pending.err, '^NOGROUP') then
    return pending
  end
  found = { head[1], head[2], pending[1] and string.format('%.0f', pending[1][4]) or '0' }
end
return { 'LANE', lease[1] or '', lease[2] or '', string.format('%.0f', math.max(0, left)), depth, paused, tries, searched, found }
