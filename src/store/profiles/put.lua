-- Writes a profile and what points to it, or nothing at all.
-- KEYS[1]: the profile. ARGV: the beginning of every key, the id, the version that it must have
-- ("" for any, "0" for none), the profile without its version, then its identities as kind:value.
-- Answers {"stored", version, ""}, {"stale", version, ""} or {"taken", identity, id of its owner}.
local profiles, index, id = ARGV[1] .. 'cust:', ARGV[1] .. 'id:', ARGV[2]

local function record_at(key)
  local bytes = read('GET', key)
  if not bytes then
    return nil
  end
  local readable, record = pcall(cjson.decode, bytes)
  return readable and type(record) == 'table' and record or {}
end

-- Those that can be read, as kind:value: others may have written here.
local function identities_of(record)
  local identities = {}
  if type(record.identities) == 'table' then
    for kind, value in pairs(record.identities) do
      if type(value) == 'string' then
        identities[#identities + 1] = kind .. ':' .. value
      end
    end
  end
  return identities
end

local function holds(record, identity)
  for _, held in ipairs(identities_of(record)) do
    if held == identity then
      return true
    end
  end
  return false
end

local old = record_at(KEYS[1]) or {}
local version = tonumber(old.v) or 0
if not (version >= 0 and version < 2 ^ 53 and version % 1 == 0) then
  version = 0
end
if ARGV[3] ~= '' and tonumber(ARGV[3]) ~= version then
  return { 'stale', string.format('%.0f', version), '' }
end
for number = 5, #ARGV do
  local owner = read('GET', index .. ARGV[number])
  if owner and owner ~= id then
    local theirs = record_at(profiles .. owner)
    if theirs and holds(theirs, ARGV[number]) then
      return { 'taken', ARGV[number], owner }
    end
  end
end

for _, identity in ipairs(identities_of(old)) do
  local key = index .. identity
  if read('GET', key) == id then
    redis.call('DEL', key)
  end
end
for number = 5, #ARGV do
  redis.call('SET', index .. ARGV[number], id)
end
local stamp = string.format('%.0f', version + 1)
redis.call('SET', KEYS[1], '{"v":' .. stamp .. ',' .. string.sub(ARGV[4], 2))
return { 'stored', stamp, '' }
