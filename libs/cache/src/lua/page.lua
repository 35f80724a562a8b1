-- One page of a head that is ready, newest first.
-- KEYS[1] head  ARGV[1] ids older than this ('' = newest)  ARGV[2] how many  ARGV[3] life, ms  ARGV[4] renew the life when less is left, ms
-- Returns {stamp, floor, id...}, or nothing when the head is absent or warming.
local meta = redis.call('ZRANGE', KEYS[1], 0, 0)[1] or ''
local stamp, floor = string.match(meta, '^!r|([^|]*)|([^|]*)$')
if not stamp then return false end
local from = ARGV[1] == '' and '+' or '(' .. ARGV[1]
local to = floor == '' and '[0' or '[' .. floor
local ids = redis.call('ZREVRANGEBYLEX', KEYS[1], from, to, 'LIMIT', 0, ARGV[2])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[4]) then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
table.insert(ids, 1, floor)
table.insert(ids, 1, stamp)
return ids
