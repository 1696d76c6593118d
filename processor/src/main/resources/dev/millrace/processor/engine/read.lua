#!lua flags=allow-oom
-- Reads new entries for the holder of a lease, who says which id it was given last: if the group has gone further, a reply was lost on the
-- way, and reading on would let later entries overtake those of the lost reply.
-- KEYS: lease, stream, depth
-- ARGV: owner, epoch, group, consumer, last delivered id, how many, field of depth that holds reading back, its bound (0 for none)
-- Returns: ENTRIES list of (id, fields) | FENCED | GAP last delivered id | NOGROUP | FULL
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then
  return { 'FENCED' }
end
if ARGV[8] ~= '0' and (tonumber(redis.call('HGET', KEYS[3], ARGV[7])) or 0) >= tonumber(ARGV[8]) then
  return { 'FULL' }
end
local groups = redis.pcall('XINFO', 'GROUPS', KEYS[2])
local last
if not groups.err then
  for _, group in ipairs(groups) do
    local facts = {}
    for i = 1, #group, 2 do
      facts[group[i]] = group[i + 1]
    end
    if facts['name'] == ARGV[3] then
      last = facts['last-delivered-id']
    end
  end
end
if not last then
  return { 'NOGROUP' }
end
if last ~= ARGV[5] then
  return { 'GAP', last }
end
local read = redis.call('XREADGROUP', 'GROUP', ARGV[3], ARGV[4], 'COUNT', ARGV[6], 'STREAMS', KEYS[2], '>')
return { 'ENTRIES', read and read[1][2] or {} }
