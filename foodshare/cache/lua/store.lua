-- Stores what a loader has loaded, unless it may be stale by now.
-- KEYS[1] the key; ARGV token of the lease, invalidations answered with it, value, LSN, xmin, Unix time until which it
-- is fresh, seconds that loading took, milliseconds after which it is gone, timeline, LSN of what it shows at most.
-- Answers 1 if it was stored.
local field = redis.call('HMGET', KEYS[1], 'lease', 'invalidations', 'invalid_xid', 'lsn', 'value')
if field[1] ~= ARGV[1] then
  return 0
end
redis.call('HDEL', KEYS[1], 'lease', 'leased_until')
if (field[2] or '0') ~= ARGV[2] and tonumber(ARGV[5]) <= tonumber(field[3]) then
  return 0
end
if field[5] and tonumber(field[4]) > tonumber(ARGV[4]) then
  return 0
end
redis.call('HSET', KEYS[1], 'value', ARGV[3], 'lsn', ARGV[4], 'xmin', ARGV[5], 'fresh_until', ARGV[6], 'cost', ARGV[7],
  'timeline', ARGV[9], 'shows', ARGV[10])
redis.call('PEXPIRE', KEYS[1], ARGV[8])
return 1
