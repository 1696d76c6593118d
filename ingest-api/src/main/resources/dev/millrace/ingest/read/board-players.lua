#!lua flags=no-writes
-- Reads where several players stand on a board: on the whole of it, and in their regions if those are asked for.
-- KEYS: players, ranks of the whole board, ranks of a region…
-- ARGV: number of regions (-1 if they are not asked for), the regions of KEYS[3] onward, then the players
-- Returns: PLAYERS how many are ranked, then six for each who is: member, score as ranked, what is shown, rank from 0, rank in the region from 0
--          (-1 without), how many are ranked there | REGIONS region… (players stand in these, so their ranks must be declared too)
local WHOLE = 'GLOBAL'
local regions = tonumber(ARGV[1])
local ranks = {}
for i = 1, regions do
  ranks[ARGV[1 + i]] = KEYS[2 + i]
end
local names = {}
for i = 2 + math.max(0, regions), #ARGV do
  names[#names + 1] = ARGV[i]
end
local shown = redis.call('HMGET', KEYS[1], unpack(names))

-- Where a player is ranked besides the whole board, if that is asked for.
local function region_of(text)
  local region = regions >= 0 and string.match(text, '^[^|]*', 9)
  return region and region ~= WHOLE and region or nil
end

local undeclared = { 'REGIONS' }
local seen = {}
for i = 1, #names do
  local region = shown[i] and region_of(shown[i])
  if region and not ranks[region] and not seen[region] then
    seen[region] = true
    undeclared[#undeclared + 1] = region
  end
end
if #undeclared > 1 then
  return undeclared
end
local answer = { 'PLAYERS', redis.call('ZCARD', KEYS[2]) }
for i = 1, #names do
  local member = shown[i] and string.sub(shown[i], 1, 8) .. names[i]
  local rank = member and redis.call('ZRANK', KEYS[2], member)
  if rank then
    local region = region_of(shown[i])
    local at = #answer
    answer[at + 1] = member
    answer[at + 2] = redis.call('ZSCORE', KEYS[2], member)
    answer[at + 3] = shown[i]
    answer[at + 4] = rank
    answer[at + 5] = region and redis.call('ZRANK', ranks[region], member) or -1
    answer[at + 6] = region and redis.call('ZCARD', ranks[region]) or 0
  end
end
return answer
