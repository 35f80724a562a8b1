-- Inserts an id into a head that exists, ready or warming; a cold head stays cold. Trims to the cap and raises the floor to
-- the highest id dropped. The head's life is not renewed: only reading keeps it.
-- KEYS[1] head  ARGV[1] id  ARGV[2] cap
-- Returns 1 if the head holds the id now, 0 if it is cold or the id lies at or below its floor.
local meta = redis.call('ZRANGE', KEYS[1], 0, 0)[1] or ''
local state, stamp, floor, rest = string.match(meta, '^!(.)|([^|]*)|([^|]*)(.*)$')
if not state or (floor ~= '' and ARGV[1] <= floor) then return 0 end
redis.call('ZADD', KEYS[1], 'NX', 0, ARGV[1])
local extra = redis.call('ZCARD', KEYS[1]) - 1 - tonumber(ARGV[2])
if extra > 0 then
  local dropped = redis.call('ZRANGE', KEYS[1], 1, extra)
  redis.call('ZREMRANGEBYRANK', KEYS[1], 1, extra)
  redis.call('ZADD', KEYS[1], 0, '!' .. state .. '|' .. stamp .. '|' .. dropped[#dropped] .. rest)
  redis.call('ZREM', KEYS[1], meta)
end
return 1
