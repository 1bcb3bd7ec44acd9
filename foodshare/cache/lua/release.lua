#!lua flags=allow-oom
-- Gives a lease back, so that nobody waits for a loader that has failed.
-- KEYS[1] the key; ARGV token of the lease.
if redis.call('HGET', KEYS[1], 'lease') == ARGV[1] then
  redis.call('HDEL', KEYS[1], 'lease', 'leased_until')
end
