-- A stretch of a view that is whole, from the top.
-- KEYS[1] order (sorted set)  KEYS[2] members (hash)  ARGV[1] first and ARGV[2] last place, from 0
-- Returns {member, score, ...}, the mark among them at the very end, or nothing when the view is not whole.
local run = string.sub(string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or '', 1, 8)
local mark = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
if mark ~= '!r|' .. run or mark ~= redis.call('HGET', KEYS[2], '!') then return false end
return redis.call('ZREVRANGE', KEYS[1], ARGV[1], ARGV[2], 'WITHSCORES')
