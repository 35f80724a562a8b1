-- Counts one call in a fixed window, which begins with its first call.
-- KEYS[1] counter  ARGV[1] length of the window, ms
-- Returns {calls in this window, ms until it ends}.
local calls = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  left = tonumber(ARGV[1])
  redis.call('PEXPIRE', KEYS[1], left)
end
return { calls, left }
