-- Settles a debt: removes an entry that a write failed to replace when Redis was away. A lease goes too, since its
-- reader may have read the table before that write.
-- KEYS[1] entry  ARGV[1] version of the write
-- Returns 1 if removed, else 0.
local header = redis.call('GETRANGE', KEYS[1], 0, 16)
local kind = string.sub(header, 1, 1)
local known = kind == 'V' or kind == 'T'
if known and tonumber(string.sub(header, 2)) > tonumber(ARGV[1]) then return 0 end
return redis.call('DEL', KEYS[1])
