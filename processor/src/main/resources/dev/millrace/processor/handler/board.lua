#!lua flags=allow-oom
-- Puts players' states onto one board, unless a newer batch of the same partition was here already.
-- KEYS: players, fence, ranks of the whole board, ranks of a region…
-- ARGV: partition, epoch, change id, number of regions, the regions of KEYS[4] onward, then five for each player: player, achieved id
--       (8 bytes), score as ranked, region, name
-- Returns: BOARDED | STALE | FENCED epoch | REGIONS region… (players leave these, so their ranks must be declared too)
local WHOLE = 'GLOBAL'
local fence = redis.call('HGET', KEYS[2], ARGV[1])
if fence then
  local epoch, ms, seq = string.match(fence, '^(%d+) (%d+)%-(%d+)$')
  local my_ms, my_seq = string.match(ARGV[3], '^(%d+)%-(%d+)$')
  epoch, ms, seq, my_ms, my_seq = tonumber(epoch), tonumber(ms), tonumber(seq), tonumber(my_ms), tonumber(my_seq)
  local my_epoch = tonumber(ARGV[2])
  if my_epoch < epoch then
    return { 'FENCED', string.format('%.0f', epoch) }
  end
  if my_epoch == epoch and (my_ms < ms or (my_ms == ms and my_seq <= seq)) then
    return { 'STALE' }
  end
end
local ranks = { [WHOLE] = KEYS[3] }
local regions = tonumber(ARGV[4])
for i = 1, regions do
  ranks[ARGV[4 + i]] = KEYS[3 + i]
end
local first = 5 + regions
local players = {}
for i = first, #ARGV, 5 do
  players[#players + 1] = ARGV[i]
end
local shown = redis.call('HMGET', KEYS[1], unpack(players))
local undeclared = { 'REGIONS' }
local seen = {}
for i = 1, #players do
  if shown[i] then
    local region = string.match(shown[i], '^[^|]*', 9)
    if not ranks[region] and not seen[region] then
      seen[region] = true
      undeclared[#undeclared + 1] = region
    end
  end
end
if #undeclared > 1 then
  return undeclared
end
local leave = {}
local enter = {}
local show = {}
local function put(lists, region, ...)
  local items = lists[region]
  if not items then
    items = {}
    lists[region] = items
  end
  for i = 1, select('#', ...) do
    items[#items + 1] = select(i, ...)
  end
end
for i = 1, #players do
  local at = first + 5 * (i - 1)
  local achieved, score, region = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local now = achieved .. region .. '|' .. ARGV[at + 4]
  local member = achieved .. players[i]
  local old_member, old_region
  if shown[i] then
    old_member = string.sub(shown[i], 1, 8) .. players[i]
    old_region = string.match(shown[i], '^[^|]*', 9)
  end
  if shown[i] ~= now then
    put(show, '', players[i], now)
  end
  if old_member and old_member ~= member then
    put(leave, WHOLE, old_member)
  end
  if old_member and old_region ~= WHOLE and (old_member ~= member or old_region ~= region) then
    put(leave, old_region, old_member)
  end
  put(enter, WHOLE, score, member)
  if region ~= WHOLE then
    put(enter, region, score, member)
  end
end
for region, members in pairs(leave) do
  redis.call('ZREM', ranks[region], unpack(members))
end
for region, members in pairs(enter) do
  redis.call('ZADD', ranks[region], unpack(members))
end
if show[''] then
  redis.call('HSET', KEYS[1], unpack(show['']))
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
return { 'BOARDED' }
