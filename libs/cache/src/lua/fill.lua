-- Stores what a reader loaded, unless anything happened to the entry since the reader looked: a newer value, a tombstone,
-- another lease, or a wipe of the whole engine. A later tombstone differs, also at the same version.
-- KEYS[1] entry  ARGV[1] header that the reader saw  ARGV[2] entry to store  ARGV[3] life, ms
-- Returns 1 if stored, 0 if refused.
if redis.call('GETRANGE', KEYS[1], 0, #ARGV[1] - 1) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
