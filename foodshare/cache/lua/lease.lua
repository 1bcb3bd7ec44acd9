-- Lets one loader load a key's value at a time.
-- KEYS[1] the key; ARGV token, milliseconds that the lease holds, 1 to take it from whoever has it, until when the value
-- was fresh that the loader has seen, or nothing: if there is another by now, it is not loaded once more.
-- Answers 0, or {LSN that a loader must see at least, or false where nothing is known; invalidations so far}.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local field = redis.call('HMGET', KEYS[1], 'leased_until', 'lsn', 'invalid_lsn', 'invalidations', 'fresh_until')
local is_leased = field[1] and tonumber(field[1]) > now
if ARGV[3] ~= '1' and (is_leased or (field[5] and tonumber(field[5]) ~= tonumber(ARGV[4]))) then
  return 0
end
redis.call('HSET', KEYS[1], 'lease', ARGV[1], 'leased_until', now + ARGV[2])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
local lsn = field[2]
if field[3] and (not lsn or tonumber(field[3]) > tonumber(lsn)) then
  lsn = field[3]
end
return {lsn, field[4] or '0'}
