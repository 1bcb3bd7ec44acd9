-- What these people's ledgers fold to, as far as it is kept.
SELECT user_id, state FROM reputation_states WHERE user_id = ANY(%(people)s)
