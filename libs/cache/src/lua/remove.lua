-- Removes ids from a head. A warming head is dropped whole: its filler may have read the rows before they were removed,
-- and would bring them back.
-- KEYS[1] head  ARGV ids
-- Returns how many were removed.
local meta = redis.call('ZRANGE', KEYS[1], 0, 0)[1] or ''
if string.sub(meta, 1, 2) ~= '!r' then return redis.call('DEL', KEYS[1]) end
return redis.call('ZREM', KEYS[1], unpack(ARGV))
