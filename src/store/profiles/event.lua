-- Adds an event to those of a customer, if there is such a customer.
-- KEYS: the profile, its events. ARGV: the event, the most events to keep.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('LPUSH', KEYS[2], ARGV[1])
redis.call('LTRIM', KEYS[2], 0, ARGV[2] - 1)
return 1
