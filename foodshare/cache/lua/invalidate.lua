#!lua flags=allow-oom
-- Drops a key's value unless its loader saw the transaction that changed it, and lets no loader store what it read
-- before. Where there is no key there is neither a value nor a loader.
-- KEYS[1] the key; ARGV LSN at or after the transaction's commit, its xid, milliseconds that both are kept.
local field = redis.call('HMGET', KEYS[1], 'xmin', 'invalid_lsn', 'invalid_xid')
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
if not field[1] or tonumber(field[1]) <= tonumber(ARGV[2]) then
  redis.call('HDEL', KEYS[1], 'value', 'xmin', 'fresh_until', 'cost', 'timeline', 'shows')
end
if not field[2] or tonumber(field[2]) < tonumber(ARGV[1]) then
  redis.call('HSET', KEYS[1], 'invalid_lsn', ARGV[1])
end
if not field[3] or tonumber(field[3]) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], 'invalid_xid', ARGV[2])
end
-- Transactions do not commit in the order of their xids, so the newest xid does not tell of each invalidation.
redis.call('HINCRBY', KEYS[1], 'invalidations', 1)
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return 1
