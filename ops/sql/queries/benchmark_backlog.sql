-- Events about some people in turn, from the `first` on: food shared, exchanges completed on both sides, ratings.
INSERT INTO outbox_events (topic, event_type, user_id, payload)
SELECT 'reputation.events',
       (ARRAY['food_shared', 'exchange_completed', 'exchange_completed', 'highly_rated_food', 'reliable_pickup'])[1 + n %% 5],
       ids[1 + n %% cardinality(ids)],
       jsonb_build_object('exchange_id', gen_random_uuid(), 'mode', 'community', 'stars', 5, 'of', 'food',
                          'giver_id', ids[1 + n %% cardinality(ids)],
                          'recipient_id', ids[1 + (n * 7 + n / 11) %% cardinality(ids)])
FROM generate_series(%(first)s, %(first)s + %(events)s - 1) AS n
CROSS JOIN (SELECT array_agg(id ORDER BY id) AS ids FROM users WHERE email LIKE '%%@' || %(domain)s) AS people
