#!lua flags=allow-oom
-- Publishes a message, unless it was so long under way that it may be out of date: a server that stood still still does
-- what it was sent meanwhile. A script goes to the node of its key, so that on a cluster messages keep their order.
-- KEYS[1] the channel; ARGV the message, the server's milliseconds until which it is good, or 0.
-- Answers 1 if it was published, and the server's milliseconds.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[2] ~= '0' and now > tonumber(ARGV[2]) then
  return {0, now}
end
redis.call('PUBLISH', KEYS[1], ARGV[1])
return {1, now}
