#!lua flags=allow-oom
-- Takes a partition's lease if it is free, has run out or is one's own already, and raises the epoch, so that no script of a past holder passes.
-- KEYS: lease, stream…
-- ARGV: owner, for how long (ms), group, lowest epoch
-- Returns: CLAIMED epoch, last delivered id of each stream… | HELD owner, for how long yet (ms)
local time = redis.call('TIME')
local now_us = time[1] * 1000000 + time[2]
local now_ms = math.floor(now_us / 1000)
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch', 'until')
local holder = lease[1] or ''
local left_ms = (tonumber(lease[3]) or 0) - now_ms
if holder ~= '' and holder ~= ARGV[1] and left_ms > 0 then
  return { 'HELD', holder, left_ms }
end
local epoch = string.format('%.0f', math.max((tonumber(lease[2]) or 0) + 1, now_us, tonumber(ARGV[4])))
local answer = { 'CLAIMED', epoch }
local i = 1
while KEYS[1 + i] do
  -- The group is made from 0: what it does not know as delivered is unfinished, since finishing deletes.
  local made = redis.pcall('XGROUP', 'CREATE', KEYS[1 + i], ARGV[3], '0', 'MKSTREAM')
  if made.err and not string.find(made.err, '^BUSYGROUP') then
    return made
  end
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1 + i])) do
    local facts = {}
    for j = 1, #group, 2 do
      facts[group[j]] = group[j + 1]
    end
    if facts['name'] == ARGV[3] then
      answer[i + 2] = facts['last-delivered-id']
    end
  end
  i = i + 1
end
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'epoch', epoch, 'until', string.format('%.0f', now_ms + ARGV[2]))
return answer
