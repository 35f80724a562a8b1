-- Empties a view and marks it as warming, before the rows are read: from now on changes are kept. The mark lives for a short
-- while only, so that a reader who died does not leave the view warming. It stands in both keys, and names the run of this
-- server: a server that came back with an old snapshot, or a replica that took over without the last writes, has no view.
-- KEYS[1] order (sorted set)  KEYS[2] members (hash)  ARGV[1] token  ARGV[2] life of the mark, ms
-- Returns the mark, or nothing if the view is whole or being warmed by another.
local run = string.sub(string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or '', 1, 8)
local mark = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
local stands = mark and mark == redis.call('HGET', KEYS[2], '!')
if stands and string.match(mark, '^!.|([^|]*)') == run then return false end
redis.call('UNLINK', KEYS[1], KEYS[2])
mark = '!w|' .. run .. '|' .. ARGV[1]
redis.call('ZADD', KEYS[1], '-inf', mark)
redis.call('HSET', KEYS[2], '!', mark)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return mark
