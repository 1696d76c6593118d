#!lua flags=no-writes
-- Reads entries by their ids.
-- KEYS: events…
-- ARGV: how many bytes may be read ahead, then for each entry the number of its stream from 1, its id, and 1 if it is read ahead, else 0
-- Returns: BODIES for each entry its fields, none if it is gone or was too much to be read ahead…
local answer = { 'BODIES' }
local left = tonumber(ARGV[1])
for i = 2, #ARGV, 3 do
  local stream = tonumber(ARGV[i])
  local fields = {}
  if ARGV[i + 2] == '0' or left > 0 then
    local entry = redis.call('XRANGE', KEYS[0 + stream], ARGV[i + 1], ARGV[i + 1])[1]
    fields = entry and entry[2] or fields
  end
  if ARGV[i + 2] == '1' then
    for _, field in ipairs(fields) do
      left = left - #field
    end
  end
  answer[#answer + 1] = fields
end
return answer
