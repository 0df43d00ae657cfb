-- Writes a profile and what points to it, or nothing at all.
-- KEYS[1]: the profile. ARGV: the beginning of every key, the id, the version that it must have
-- ("" for any, "0" for none), the profile without its version, then its identities as kind:value.
-- Answers {"stored", version, ""}, {"stale", version, ""} or {"taken", identity, id of its owner}.
local profiles, index, id = ARGV[1] .. 'cust:', ARGV[1] .. 'id:', ARGV[2]

local function read(key)
  local bytes = redis.call('GET', key)
  if not bytes then
    return nil
  end
  local readable, record = pcall(cjson.decode, bytes)
  return readable and type(record) == 'table' and record or {}
end

local function holds(record, identity)
  for kind, value in pairs(record.identities or {}) do
    if kind .. ':' .. value == identity then
      return true
    end
  end
  return false
end

local old = read(KEYS[1]) or {}
local version = tonumber(old.v) or 0
if ARGV[3] ~= '' and tonumber(ARGV[3]) ~= version then
  return { 'stale', string.format('%.0f', version), '' }
end
for number = 5, #ARGV do
  local owner = redis.call('GET', index .. ARGV[number])
  if owner and owner ~= id then
    local theirs = read(profiles .. owner)
    if theirs and holds(theirs, ARGV[number]) then
      return { 'taken', ARGV[number], owner }
    end
  end
end

for kind, value in pairs(old.identities or {}) do
  local key = index .. kind .. ':' .. value
  if redis.call('GET', key) == id then
    redis.call('DEL', key)
  end
end
for number = 5, #ARGV do
  redis.call('SET', index .. ARGV[number], id)
end
local stamp = string.format('%.0f', version + 1)
redis.call('SET', KEYS[1], '{"v":' .. stamp .. ',' .. string.sub(ARGV[4], 2))
return { 'stored', stamp, '' }
