-- Adds an event to those of a customer, if there is such a customer and it is not there yet.
-- KEYS: the profile, its events. ARGV: the event, the most events to keep, the key under
-- which it was told (or nothing), and the fingerprint of what was told.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 'of_nobody'
end
local events = read('LRANGE', KEYS[2], 0, -1)
if not events then
  redis.call('DEL', KEYS[2])
end
if ARGV[3] ~= '' then
  for _, kept in ipairs(events or {}) do
    -- What others have written here and cannot be read is no event.
    local readable, event = pcall(cjson.decode, kept)
    if readable and type(event) == 'table' and event.key == ARGV[3] then
      return event.fingerprint == ARGV[4] and 'again' or 'otherwise'
    end
  end
end
redis.call('LPUSH', KEYS[2], ARGV[1])
redis.call('LTRIM', KEYS[2], 0, ARGV[2] - 1)
return 'added'
