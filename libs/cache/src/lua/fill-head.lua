-- Adds what the table held to what was inserted since begin, and declares the head ready. The floor is the higher one of
-- the reader's and of what was trimmed meanwhile.
-- KEYS[1] head  ARGV[1] token of begin  ARGV[2] floor ('' = whole history)  ARGV[3] cap  ARGV[4] life, ms  ARGV[5...] ids
-- Returns 1, or 0 if the token no longer stands: then nothing is changed.
local meta = redis.call('ZRANGE', KEYS[1], 0, 0)[1] or ''
local stamp, floor, token = string.match(meta, '^!w|([^|]*)|([^|]*)|(.*)$')
if token ~= ARGV[1] then return 0 end
if ARGV[2] > floor then floor = ARGV[2] end
for i = 5, #ARGV do
  if ARGV[i] >= floor then redis.call('ZADD', KEYS[1], 0, ARGV[i]) end
end
if floor ~= '' then redis.call('ZREMRANGEBYLEX', KEYS[1], '[0', '(' .. floor) end
local extra = redis.call('ZCARD', KEYS[1]) - 1 - tonumber(ARGV[3])
if extra > 0 then
  local dropped = redis.call('ZRANGE', KEYS[1], 1, extra)
  floor = dropped[#dropped]
  redis.call('ZREMRANGEBYRANK', KEYS[1], 1, extra)
end
redis.call('ZREM', KEYS[1], meta)
redis.call('ZADD', KEYS[1], 0, '!r|' .. stamp .. '|' .. floor)
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
