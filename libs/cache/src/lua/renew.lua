-- Renews the lease under which heads are trusted. Its stamp names the generation and the run of this server: a server that
-- came back with an old snapshot, or a replica that took over without the last writes, makes every head cold.
-- KEYS[1] lease  KEYS[2] highest generation ever  ARGV[1] generation  ARGV[2] life of the lease, ms  ARGV[3] life of the mark, ms
-- Returns 1, or 0 if a higher generation has been here: the caller is out of date.
local generation = tonumber(ARGV[1])
local highest = tonumber(redis.call('GET', KEYS[2]) or '0')
if highest > generation then return 0 end
-- Eight digits are enough to tell runs apart, and keep the meta member of a head below 64 bytes: above, Redis would store
-- the whole head as a skip list, three times as large.
local run = string.sub(string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or '', 1, 8)
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[3])
redis.call('SET', KEYS[1], ARGV[1] .. '@' .. run, 'PX', ARGV[2])
return 1
