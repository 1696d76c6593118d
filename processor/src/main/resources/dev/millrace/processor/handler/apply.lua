#!lua flags=allow-oom
-- Commits one batch of score events in one step: the players' new states, the change that tells of them, dead letters, and the events' end.
-- KEYS: lease, events, depth, changes, boarded, dead, dead index, player…
-- ARGV: owner, epoch, group, id of the last change on the boards (or empty), bound of dead letters, field of depth for what is not persisted,
--       then four lists, each after its length: event ids; depth field and amount in turn; states in the order of the player keys;
--       dead letters (index field, number of fields, fields); then events in the change and the fields of its entry
-- Returns: APPLIED change id | FENCED | DEAD_FULL
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then
  return { 'FENCED' }
end
local at = 7
local function list()
  local size = tonumber(ARGV[at])
  local items = { unpack(ARGV, at + 1, at + size) }
  at = at + 1 + size
  return items
end
local ids = list()
local less = list()
local states = list()
local letters = tonumber(ARGV[at])
at = at + 1
if letters > 0 and redis.call('XLEN', KEYS[6]) + letters > tonumber(ARGV[5]) then
  return { 'DEAD_FULL' }
end
for _ = 1, letters do
  local field = ARGV[at]
  local size = tonumber(ARGV[at + 1])
  local id = redis.call('XADD', KEYS[6], '*', unpack(ARGV, at + 2, at + 1 + size))
  redis.call('HSET', KEYS[7], field, id)
  at = at + 2 + size
end
local events = tonumber(ARGV[at])
local change = ''
if events > 0 then
  change = redis.call('XADD', KEYS[4], '*', unpack(ARGV, at + 1))
  redis.call('HINCRBY', KEYS[3], ARGV[6], events)
end
if #states > 0 then
  local pairs_of = {}
  for i = 1, #states do
    pairs_of[2 * i - 1] = KEYS[7 + i]
    pairs_of[2 * i] = states[i]
  end
  redis.call('MSET', unpack(pairs_of))
end
redis.call('XACK', KEYS[2], ARGV[3], unpack(ids))
redis.call('XDEL', KEYS[2], unpack(ids))
if #less > 0 then
  local fields = {}
  for i = 1, #less, 2 do
    fields[#fields + 1] = less[i]
  end
  local counts = redis.call('HMGET', KEYS[3], unpack(fields))
  local left = {}
  local gone = {}
  for i = 1, #fields do
    local count = (tonumber(counts[i]) or 0) - tonumber(less[2 * i])
    if count > 0 then
      left[#left + 1] = fields[i]
      left[#left + 1] = string.format('%.0f', count)
    else
      gone[#gone + 1] = fields[i]
    end
  end
  if #left > 0 then
    redis.call('HSET', KEYS[3], unpack(left))
  end
  if #gone > 0 then
    redis.call('HDEL', KEYS[3], unpack(gone))
  end
end
if ARGV[4] ~= '' then
  redis.call('SET', KEYS[5], ARGV[4])
end
return { 'APPLIED', change }
