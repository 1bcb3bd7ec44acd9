-- Searches by the beginning of a city's name, in any case.
CREATE INDEX CONCURRENTLY neighborhoods_upper_city_idx
ON neighborhoods (upper(city) text_pattern_ops);
