-- The first of the identities that leads to a customer: profile, history and events, or nothing.
-- KEYS: where each identity points, strongest first; the first one may be a profile itself.
-- ARGV: the beginning of every key, the number of history entries wanted, "1" if KEYS[1] is a profile,
-- the number of events wanted.
local profiles = ARGV[1] .. 'cust:'
for number, key in ipairs(KEYS) do
  local id
  if number == 1 and ARGV[3] == '1' then
    id = string.sub(key, #profiles + 1)
  else
    id = redis.call('GET', key)
  end
  local profile = id and redis.call('GET', profiles .. id)
  if profile then
    return {
      profile,
      redis.call('ZREVRANGE', ARGV[1] .. 'history:' .. id, 0, ARGV[2] - 1),
      redis.call('LRANGE', ARGV[1] .. 'events:' .. id, 0, ARGV[4] - 1),
    }
  end
end
return false
