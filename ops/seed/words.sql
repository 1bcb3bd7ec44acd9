-- Holds the catalogue for the length of the session.
CREATE TEMP TABLE seed_cities (
    city_no integer PRIMARY KEY, name text, state text, language text, districts text[],
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
CREATE TEMP TABLE seed_lines (kind text, language text, no integer, line text, PRIMARY KEY (kind, language, no));
CREATE TEMP TABLE seed_trees (tree integer, place integer, parent integer, depth integer, PRIMARY KEY (tree, place));
CREATE TEMP TABLE seed_categories (
    no integer PRIMARY KEY, slug text, name text, description text, above float8, below float8, id smallint
);
