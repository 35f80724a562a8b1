-- Marks a head as warming, before the table is read: from now on inserts are kept. A head of an older stamp is dropped.
-- The mark lives for a short while only, so that a reader who died does not leave the head warming.
-- KEYS[1] head  ARGV[1] stamp  ARGV[2] token  ARGV[3] life of the mark, ms
-- Returns 1, or 0 if the head of this stamp is ready or being warmed by another.
local meta = redis.call('ZRANGE', KEYS[1], 0, 0)[1] or ''
if string.match(meta, '^!.|([^|]*)') == ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZADD', KEYS[1], 0, '!w|' .. ARGV[1] .. '||' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
