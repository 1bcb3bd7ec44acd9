-- Searches by the beginning of an address, in any case.
CREATE INDEX CONCURRENTLY buildings_upper_address_idx
ON buildings (upper(address) text_pattern_ops);
