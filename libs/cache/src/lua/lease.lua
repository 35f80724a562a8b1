-- Reads an entry; if there is none, leaves a lease: the right to fill it as long as the lease is still there.
-- KEYS[1] entry  ARGV[1] lease header  ARGV[2] life of the lease, ms
-- Returns the whole entry that stood there, else the lease header.
local current = redis.call('GET', KEYS[1])
if current then return current end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]
