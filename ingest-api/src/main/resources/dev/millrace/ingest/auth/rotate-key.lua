#!lua
-- Gives a client a new key and the one before it an end, for the holder of the lock, unless two keys are live already. Keys that ended go.
-- KEYS: client, client keys, lock, fence
-- ARGV: number of the hold, new key id, its hash, grace (ms), scopes or nothing for those of the key before, scopes where none are known
-- Returns: ROTATED now (ms), scopes, id of the key before or nothing, its end (ms), its hash, hashes of those that ended | FULL the earlier
-- end (ms) | UNKNOWN | FENCED
if redis.call('EXISTS', KEYS[3]) == 0 or redis.call('GET', KEYS[4]) ~= ARGV[1] then
  return { 'FENCED' }
end
if redis.call('EXISTS', KEYS[1]) == 0 then
  return { 'UNKNOWN' }
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local grace = tonumber(ARGV[4])

local function parse(record)
  local created, expires, scopes, hmac = string.match(record, '^2|(%d+)|(%d+)|([^|]*)|([^|]+)$')
  if created then
    return { created = created, expires = tonumber(expires), scopes = scopes, hmac = hmac }
  end
  created, hmac = string.match(record, '^1|(%d+)|([^|]+)$')
  return created and { created = created, expires = 0, scopes = ARGV[6], hmac = hmac }
end

local all = redis.call('HGETALL', KEYS[2])
local live, ended, tier = {}, {}, nil
for i = 1, #all, 2 do
  local key = parse(all[i + 1])
  if all[i] == 'tier' then
    tier = all[i + 1]
  elseif key and (key.expires == 0 or key.expires > now) then
    key.id = all[i]
    live[#live + 1] = key
  elseif key then
    ended[#ended + 1] = { id = all[i], hmac = key.hmac }
  end
end
if #live > 1 then
  local first = live[1].expires
  for _, key in ipairs(live) do
    if key.expires > 0 and (first == 0 or key.expires < first) then
      first = key.expires
    end
  end
  return { 'FULL', string.format('%.0f', first) }
end

local before = live[1]
local scopes = ARGV[5]
if scopes == '' then
  scopes = before and before.scopes or ARGV[6]
end
local created = string.format('%.0f', now)
local id, expires, hmac = '', '0', ''
if before then
  id, hmac = before.id, before.hmac
  local ending = now + grace
  if before.expires > 0 and before.expires < ending then
    ending = before.expires
  end
  expires = string.format('%.0f', ending)
  redis.call('HSET', KEYS[2], id, '2|' .. before.created .. '|' .. expires .. '|' .. before.scopes .. '|' .. hmac)
end
local hashes = {}
for _, key in ipairs(ended) do
  redis.call('HDEL', KEYS[2], key.id)
  hashes[#hashes + 1] = key.hmac
end
if not tier then
  redis.call('HSET', KEYS[2], 'tier', redis.call('HGET', KEYS[1], 'tier'))
end
redis.call('HSET', KEYS[2], ARGV[2], '2|' .. created .. '|0|' .. scopes .. '|' .. ARGV[3])
return { 'ROTATED', created, scopes, id, expires, hmac, hashes }
