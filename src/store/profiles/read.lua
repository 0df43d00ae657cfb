-- Stands before the scripts that read. What is of another type, others have written: it counts
-- as nothing, and is written over.
local function read(...)
  local reply = redis.pcall(...)
  local fault = type(reply) == 'table' and reply.err
  if fault and not string.find(fault, 'WRONGTYPE', 1, true) then
    error(fault)
  end
  return not fault and reply or nil
end

