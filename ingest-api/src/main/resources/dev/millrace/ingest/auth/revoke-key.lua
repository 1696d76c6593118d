#!lua flags=allow-oom
-- Ends a live key at once; the last one only if that is asked for.
-- KEYS: client keys
-- ARGV: key id, last or spare
-- Returns: REVOKED hash of the key | LAST | UNKNOWN
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local hmac, others = nil, 0
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local expires, its = string.match(all[i + 1], '^2|%d+|(%d+)|[^|]*|([^|]+)$')
  if not expires then
    expires, its = '0', string.match(all[i + 1], '^1|%d+|([^|]+)$')
  end
  expires = tonumber(expires)
  if its and (expires == 0 or expires > now) then
    if all[i] == ARGV[1] then
      hmac = its
    else
      others = others + 1
    end
  end
end
if not hmac then
  return { 'UNKNOWN' }
end
if others == 0 and ARGV[2] ~= 'last' then
  return { 'LAST' }
end
redis.call('HDEL', KEYS[1], ARGV[1])
return { 'REVOKED', hmac }
