-- Puts an entry in its place in a customer's history; one of the same contact gives way.
-- KEYS[1]: the history. ARGV: the contact, its time, the entry, the most entries to keep.
local contact = '"contact":"' .. ARGV[1] .. '"'
local history = read('ZRANGE', KEYS[1], 0, -1)
if not history then
  redis.call('DEL', KEYS[1])
end
for _, kept in ipairs(history or {}) do
  if string.find(kept, contact, 1, true) then
    redis.call('ZREM', KEYS[1], kept)
  end
end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[4])
return 1
