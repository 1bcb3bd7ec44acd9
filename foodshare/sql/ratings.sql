-- What document A takes as given.
CREATE TABLE ratings (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    exchange_id UUID NOT NULL REFERENCES exchanges(id),
    stars INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT NOW()
);
