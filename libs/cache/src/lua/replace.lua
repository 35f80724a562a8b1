-- After the commit of a value: replaces an older value that is cached. Where there is none to compare with, nothing is stored,
-- because this write may have been overtaken by another whose entry is gone already (wiped, evicted, never there): a lease, an
-- older tombstone and a "there is none" are removed instead, and the next reader asks the table.
-- KEYS[1] entry  ARGV[1] entry to store  ARGV[2] its version  ARGV[3] life, ms
-- Returns 1 if stored, 0 if nothing is cached now, -1 if something newer is.
local header = redis.call('GETRANGE', KEYS[1], 0, 16)
if header == '' then return 0 end
local kind = string.sub(header, 1, 1)
local known = kind == 'V' or kind == 'T'
if known and tonumber(string.sub(header, 2)) >= tonumber(ARGV[2]) then return -1 end
if kind ~= 'V' then
  redis.call('DEL', KEYS[1])
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1
