-- Where one id stands in a view that is whole.
-- KEYS[1] order (sorted set)  KEYS[2] members (hash)  ARGV[1] id
-- Returns {place from 0, member, score}, {} if the set does not hold the id, or nothing when the view is not whole.
local run = string.sub(string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or '', 1, 8)
local mark = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
if mark ~= '!r|' .. run or mark ~= redis.call('HGET', KEYS[2], '!') then return false end
local member = string.match(redis.call('HGET', KEYS[2], ARGV[1]) or '', '^%d+|(.*)$')
if not member then return {} end
return { redis.call('ZREVRANK', KEYS[1], member), member, redis.call('ZSCORE', KEYS[1], member) }
