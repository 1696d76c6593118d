#!lua flags=no-writes
-- Reads who did what with dead letters of a partition, latest first.
-- KEYS: dead audit
-- ARGV: the entry to begin with, + for the latest, or one after ( to begin before it; how many at most; client and event, each or nothing
-- Returns: AUDIT, then for each entry that is meant: its id, its fields
local PAGE = 100

local from, most, client, event = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local answer = { 'AUDIT' }
while true do
  local page = redis.call('XREVRANGE', KEYS[1], from, '-', 'COUNT', PAGE)
  for _, entry in ipairs(page) do
    local facts = {}
    for i = 1, #entry[2], 2 do
      facts[entry[2][i]] = entry[2][i + 1]
    end
    if (client == '' or facts['client'] == client) and (event == '' or facts['event'] == event) then
      answer[#answer + 1] = entry[1]
      answer[#answer + 1] = entry[2]
      if #answer > 2 * most then
        return answer
      end
    end
  end
  if #page < PAGE then
    return answer
  end
  from = '(' .. page[#page][1]
end
