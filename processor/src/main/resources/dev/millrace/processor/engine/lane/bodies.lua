#!lua flags=no-writes
-- Reads entries by their ids.
-- KEYS: events…
-- ARGV: for each entry the number of its stream from 1 and its id
-- Returns: BODIES for each entry its fields, none if it is gone…
local answer = { 'BODIES' }
for i = 1, #ARGV, 2 do
  local stream = tonumber(ARGV[i])
  local entry = redis.call('XRANGE', KEYS[0 + stream], ARGV[i + 1], ARGV[i + 1])[1]
  answer[#answer + 1] = entry and entry[2] or {}
end
return answer
