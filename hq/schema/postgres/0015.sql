-- A dump of a function with results by name and a value without one cannot be read back (PostgreSQL
-- 15: it writes json_each.""): the values get names.
CREATE OR REPLACE FUNCTION json_each(said TEXT) RETURNS TABLE (value TEXT)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10
    BEGIN ATOMIC SELECT one FROM json_array_elements_text(said::json) AS one; END;
CREATE OR REPLACE FUNCTION json_each(said TEXT, path TEXT) RETURNS TABLE (value TEXT)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10
    BEGIN ATOMIC
        SELECT one FROM json_array_elements_text(
            said::json #> string_to_array(substr(path, 3), '.')) AS one;
    END;
