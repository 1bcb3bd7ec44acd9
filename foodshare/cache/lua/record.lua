#!lua flags=allow-oom
-- Runs a command of the cache's own bookkeeping, on a full server too: it is small, and without it all is unknown.
-- Being a script that may write it is refused by a server that takes no writes, even if the command only reads: what
-- could not be noted there must not be taken for not noted.
-- KEYS[1] the key; ARGV the command, and what follows the key.
return redis.call(ARGV[1], KEYS[1], unpack(ARGV, 2))
