-- Puts rows into a view that is whole or warming, each only over an older version of itself; a cold view stays cold, since
-- whoever warms it reads these rows after this call.
-- KEYS[1] order (sorted set)  KEYS[2] members (hash)  ARGV[1] the mark that must stand ('' = any)
-- ARGV[2...] id, version, score and member of each row
-- Returns 1, or 0 if the view is cold or has another mark.
local mark = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
if not mark or mark ~= redis.call('HGET', KEYS[2], '!') then return 0 end
if ARGV[1] ~= '' and ARGV[1] ~= mark then return 0 end
for i = 2, #ARGV, 4 do
  local version, member = string.match(redis.call('HGET', KEYS[2], ARGV[i]) or '', '^(%d+)|(.*)$')
  if not version or tonumber(version) < tonumber(ARGV[i + 1]) then
    if member then redis.call('ZREM', KEYS[1], member) end
    redis.call('ZADD', KEYS[1], ARGV[i + 2], ARGV[i + 3])
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1] .. '|' .. ARGV[i + 3])
  end
end
return 1
