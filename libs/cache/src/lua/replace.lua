-- Replaces what is cached by a newer value or by a tombstone, after the commit. An absent entry stays absent: nobody can
-- read it stale, and a write that was overtaken by a wipe must not bring back an old version.
-- KEYS[1] entry  ARGV[1] entry to store  ARGV[2] its version  ARGV[3] life, ms  ARGV[4] '1' if it also replaces its own version
-- Returns 1 if stored, 0 if nothing is cached, -1 if something newer is.
local header = redis.call('GETRANGE', KEYS[1], 0, 16)
if header == '' then return 0 end
local version = tonumber(ARGV[2])
local current = string.sub(header, 1, 1) == 'L' and -1 or tonumber(string.sub(header, 2))
if current > version or (current == version and ARGV[4] ~= '1') then return -1 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1
