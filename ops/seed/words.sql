-- Holds the catalogue for the length of the session.
CREATE TEMP TABLE seed_cities (
    city_no integer PRIMARY KEY, name text, language text, districts text[],
    community_groups integer, neighborhood_groups integer, buildings_each integer
);
CREATE TEMP TABLE seed_languages (
    language text PRIMARY KEY, given_names text[], family_names text[], address text, streets text[]
);
CREATE TEMP TABLE seed_foods (
    no integer PRIMARY KEY, title text, category text, quantities text[], allergens text[], diets text[], keeps integer,
    description text
);
CREATE TEMP TABLE seed_phrases (
    titles text[], reasons text[], notes text[], comments text[], cancellations text[], disputes text[], resolutions text[]
);
