-- After the commit of a delete: leaves a tombstone in place of whatever is cached up to that version, a lease included. It is
-- no answer: the next reader asks the table. An absent entry stays absent, since nobody can read it stale.
-- KEYS[1] entry  ARGV[1] tombstone  ARGV[2] its version  ARGV[3] life, ms
-- Returns 1 if stored, 0 if nothing is cached, -1 if something newer is.
local header = redis.call('GETRANGE', KEYS[1], 0, 16)
if header == '' then return 0 end
local kind = string.sub(header, 1, 1)
local known = kind == 'V' or kind == 'T'
if known and tonumber(string.sub(header, 2)) > tonumber(ARGV[2]) then return -1 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1
