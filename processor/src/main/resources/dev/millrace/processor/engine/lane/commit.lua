#!lua flags=allow-oom
-- Commits what one turn of a partition came to in one step: the new states, the change that tells of them, dead letters, what is known of tries,
-- and the end of events. Rings for whoever waits for changes.
-- KEYS: lease, events high, events normal, events low, depth, changes, boarded, dead, dead index, tries, moved, lease of the persister, state…
-- ARGV: owner, epoch, group, id of the last change on the boards (or empty), bound of dead letters, field of depth for what is not persisted,
--       channel on which to ring, number of the partition, then lists, each after its length: ids to finish of high, of normal, of low; depth field and amount in turn; values in the order of the
--       state keys; field of tries and value in turn; fields of tries to forget; fields of moved to forget; then the number of dead letters and
--       each of them (index field, number of fields, fields); then events in the change and the fields of its entry
-- Returns: COMMITTED change id | FENCED | DEAD_FULL
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then
  return { 'FENCED' }
end
local at = 9
local function list()
  local size = tonumber(ARGV[at])
  local items = { unpack(ARGV, at + 1, at + size) }
  at = at + 1 + size
  return items
end
local ids = { list(), list(), list() }
local less = list()
local states = list()
local tries = list()
local tries_gone = list()
local moved_gone = list()
local letters = tonumber(ARGV[at])
at = at + 1
if letters > 0 and redis.call('XLEN', KEYS[8]) + letters > tonumber(ARGV[5]) then
  return { 'DEAD_FULL' }
end
for _ = 1, letters do
  local field = ARGV[at]
  local size = tonumber(ARGV[at + 1])
  local id = redis.call('XADD', KEYS[8], '*', unpack(ARGV, at + 2, at + 1 + size))
  redis.call('HSET', KEYS[9], field, id)
  at = at + 2 + size
end
local events = tonumber(ARGV[at])
local change = ''
if events > 0 then
  change = redis.call('XADD', KEYS[6], '*', unpack(ARGV, at + 1))
  redis.call('HINCRBY', KEYS[5], ARGV[6], events)
  if redis.call('HDEL', KEYS[12], 'waits') == 1 then
    redis.call('PUBLISH', ARGV[7], ARGV[8])
  end
end
if #states > 0 then
  local pairs_of = {}
  for i = 1, #states do
    pairs_of[2 * i - 1] = KEYS[12 + i]
    pairs_of[2 * i] = states[i]
  end
  redis.call('MSET', unpack(pairs_of))
end
for i, events_of in ipairs({ KEYS[2], KEYS[3], KEYS[4] }) do
  if #ids[i] > 0 then
    redis.call('XACK', events_of, ARGV[3], unpack(ids[i]))
    redis.call('XDEL', events_of, unpack(ids[i]))
  end
end
if #less > 0 then
  local fields = {}
  for i = 1, #less, 2 do
    fields[#fields + 1] = less[i]
  end
  local counts = redis.call('HMGET', KEYS[5], unpack(fields))
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
    redis.call('HSET', KEYS[5], unpack(left))
  end
  if #gone > 0 then
    redis.call('HDEL', KEYS[5], unpack(gone))
  end
end
if #tries > 0 then
  redis.call('HSET', KEYS[10], unpack(tries))
end
if #tries_gone > 0 then
  redis.call('HDEL', KEYS[10], unpack(tries_gone))
end
if #moved_gone > 0 then
  redis.call('HDEL', KEYS[11], unpack(moved_gone))
end
if ARGV[4] ~= '' then
  redis.call('SET', KEYS[7], ARGV[4])
end
return { 'COMMITTED', change }
