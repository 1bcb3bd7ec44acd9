-- Chance that repeats: every draw is a hash of the data set, of what is drawn, and of a row's number (below 2^32).
-- In pg_temp: they go with the session, and nothing is left in the schema.

-- 64 hashed bits.
CREATE OR REPLACE FUNCTION pg_temp.bits(what text, n bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
RETURN hashint8extended(n, hashtextextended(what, %(salt)s));

-- A number from 0 (included) to 1 (not), evenly spread.
CREATE OR REPLACE FUNCTION pg_temp.draw(what text, n bigint) RETURNS double precision LANGUAGE sql IMMUTABLE
RETURN ((hashint8extended(n, hashtextextended(what, %(salt)s)) >> 11) & 9007199254740991) / 9007199254740992.0::float8;

-- A whole number from 1 to `size`, evenly spread.
CREATE OR REPLACE FUNCTION pg_temp.pick(what text, n bigint, size bigint) RETURNS integer LANGUAGE sql IMMUTABLE
RETURN 1 + floor(pg_temp.draw(what, n) * size)::integer;

-- One of the options.
CREATE OR REPLACE FUNCTION pg_temp.choose(what text, n bigint, options text[]) RETURNS text LANGUAGE sql IMMUTABLE
RETURN options[pg_temp.pick(what, n, cardinality(options))];

-- The rank, from 1 to `size`, that the draw `u` falls on when rank r has a share of about 1 / (r + flat): few
-- ranks get much and many get little. A larger `flat` levels the top.
CREATE OR REPLACE FUNCTION pg_temp.zipf_rank(u double precision, size bigint, flat double precision) RETURNS integer
LANGUAGE sql IMMUTABLE
RETURN least(size, 1 + floor(flat * (power((size + flat) / flat, u) - 1)))::integer;

-- The identity of row `n` of `total` of a kind: a UUID of version 4 in form, spread over the whole range as random
-- ones are, but in the order of the rows. Indexes are built from one end to the other, in half the time.
CREATE OR REPLACE FUNCTION pg_temp.seed_id(kind text, n bigint, total bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
RETURN encode(int8send(((n * 4294967296 / (total + 1)) << 32) | (pg_temp.bits(kind || ' high', n) & 4294905855) | 16384)
           || int8send((pg_temp.bits(kind || ' low', n) & 4611686018427387903) | (-9223372036854775807 - 1)), 'hex')::uuid;

-- A time as whole microseconds since 1970, and back.
CREATE OR REPLACE FUNCTION pg_temp.micros(t timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE
RETURN (extract(epoch FROM t) * 1000000)::bigint;

CREATE OR REPLACE FUNCTION pg_temp.moment(us bigint) RETURNS timestamp LANGUAGE sql IMMUTABLE
RETURN timestamp '1970-01-01' + us * interval '1 microsecond';

-- The key of a row of a partitioned table made at `us`, laid out as foodshare/db/keys.py does. Its last 32 bits are
-- the data set's tag (16 bits), by which its rows are known again, and `low`: 16 bits of chance, or a forum category.
CREATE OR REPLACE FUNCTION pg_temp.seed_key(us bigint, chance bigint, low bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
RETURN encode(int8send(((us / 1000) << 16) | 28672 | ((us %% 1000 * 4096 + 999) / 1000))
           || int8send((chance & 4611686014132420608) | (-9223372036854775807 - 1) | (%(tag)s::bigint << 16) | low), 'hex')::uuid;
