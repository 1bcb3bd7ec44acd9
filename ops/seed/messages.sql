-- The messages of one month, in the order of time, in one transaction. Each talk that goes on then gets its part of
-- the month's number; its messages come in bursts of six, after six in the morning if they can.
CREATE TEMP TABLE seed_month ON COMMIT DROP AS
WITH open AS (
    SELECT t.*, greatest(t.since, %(from)s) AS begins, pg_temp.micros(greatest(t.since, %(from)s)) AS begins_us,
           pg_temp.micros(least(t.until, %(to)s)) - 1000000000 AS ends_us
    FROM seed_talks t
    WHERE t.since < %(to)s - interval '1 hour' AND t.until > %(from)s + interval '1 hour'
), present AS (
    SELECT o.no, count(*) AS speakers FROM open o JOIN seed_speakers s ON s.talk_no = o.no AND s.since <= o.begins GROUP BY o.no
), shared AS (
    SELECT *, CASE class WHEN 'largest' THEN 0.215 WHEN 'room' THEN 0.545 ELSE 0.24 END
              * weight / sum(weight) OVER (PARTITION BY class) AS share
    FROM open JOIN present USING (no)
), summed AS (
    SELECT *, sum(share) OVER (ORDER BY no) / sum(share) OVER () AS until_here FROM shared
), counted AS (
    SELECT *, floor(until_here * %(total)s + u) - floor(coalesce(lag(until_here) OVER (ORDER BY no), 0) * %(total)s + u) AS messages
    FROM summed, (SELECT 0.1 + 0.8 * pg_temp.draw('share', %(base)s) AS u) chance
)
SELECT %(base)s + row_number() OVER (ORDER BY us, no, k) AS n, us, no, room_id, conversation_id, speakers
FROM (
    SELECT *, CASE WHEN us %% 86400000000 < 21600000000 AND us < ends_us - 43200000000 THEN us + 43200000000 ELSE us END
              + (k - 1) %% 6 * 90000000 + floor(80000000 * pg_temp.draw('pause ' || %(from)s, no * 1048576 + k))::bigint AS us
    FROM (
        SELECT no, room_id, conversation_id, speakers, k, ends_us,
               begins_us + floor((ends_us - begins_us) * pg_temp.draw('burst ' || %(from)s, no * 1048576 + (k - 1) / 6))::bigint AS us
        FROM counted CROSS JOIN LATERAL generate_series(1, messages::bigint) k
    ) bursts (no, room_id, conversation_id, speakers, k, ends_us, us)
) timed (no, room_id, conversation_id, speakers, k, ends_us, burst, us);

INSERT INTO :table (id, created_at, room_id, conversation_id, sender_id, type, content, edited_at, deleted_at)
SELECT
    pg_temp.seed_key(us, bits, bits & 65535), written, room_id, conversation_id, person_id,
    CASE WHEN is_image THEN 'IMAGE' ELSE 'TEXT' END,
    CASE WHEN fate < 0.01 THEN '' WHEN is_image THEN 'https://images.example/' || to_hex(bits & 4294967295) || '.jpg' ELSE line END,
    CASE WHEN fate > 0.98 AND NOT is_image AND written + edited <= %(at)s THEN written + edited END,
    CASE WHEN fate < 0.01 THEN least(written + edited * 20, %(at)s) END
FROM (
    SELECT m.n, m.us, m.room_id, m.conversation_id, s.person_id, l.line, pg_temp.moment(m.us) AS written,
           pg_temp.bits('message', m.n) AS bits, m.fate, pg_temp.draw('image', m.n) < 0.02 AS is_image,
           interval '10 minutes' * pg_temp.draw('edits', m.n) AS edited
    FROM (
        SELECT *, pg_temp.draw('fate', n) AS fate, pg_temp.pick('says', n, %(chat_lines)s) AS line_no,
               pg_temp.zipf_rank(pg_temp.draw('who', n), speakers, 4) AS rank
        FROM seed_month
        OFFSET 0
    ) m
    JOIN seed_speakers s ON s.talk_no = m.no AND s.rank = m.rank
    JOIN seed_lines l ON l.kind = 'chat' AND l.language = s.language AND l.no = m.line_no
    ORDER BY m.n
) said;
