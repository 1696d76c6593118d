#!lua flags=no-writes
-- Tells how much a partition holds of each thing that has a bound.
-- KEYS: events of high priority, events of normal priority, events of low priority, scheduled, dead, depth, once of this window, paused
-- ARGV: group; field of depth that counts what is not persisted
-- Returns: HOLDS events of the fullest priority, pending events of the fullest priority, scheduled, dead letters, events that are not
--          persisted, remembered ids, paused lanes
local queued, pending = 0, 0
for _, events in ipairs({ KEYS[1], KEYS[2], KEYS[3] }) do
  queued = math.max(queued, redis.call('XLEN', events))
  local summary = redis.pcall('XPENDING', events, ARGV[1])
  if not summary.err then
    pending = math.max(pending, summary[1])
  elseif not string.find(summary.err, '^NOGROUP') then
    return summary
  end
end
return { 'HOLDS', queued, pending, redis.call('ZCARD', KEYS[4]), redis.call('XLEN', KEYS[5]),
  redis.call('HGET', KEYS[6], ARGV[2]) or '0', redis.call('HLEN', KEYS[7]), redis.call('HLEN', KEYS[8]) }
