-- Declares a view whole, after all rows were put into it, and gives both keys one life: what a lost update left in it goes with them.
-- KEYS[1] order (sorted set)  KEYS[2] members (hash)  ARGV[1] mark of begin  ARGV[2] life, ms
-- Returns 1, or 0 if the mark no longer stands: then nothing is changed.
local run = string.sub(string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or '', 1, 8)
local mark = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
if mark ~= ARGV[1] or mark ~= redis.call('HGET', KEYS[2], '!') then return 0 end
if string.match(mark, '^!w|([^|]*)') ~= run then return 0 end
redis.call('ZREM', KEYS[1], mark)
redis.call('ZADD', KEYS[1], '-inf', '!r|' .. run)
redis.call('HSET', KEYS[2], '!', '!r|' .. run)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 1
