-- The typed codes of earlier prints: each names the print that it stood on, so that whoever types one hears that the
-- paper was replaced.
CREATE TABLE former_codes (
    typed_code TEXT NOT NULL PRIMARY KEY,
    entitlement_id BLOB NOT NULL REFERENCES entitlements (id),
    print_no INTEGER NOT NULL
);
CREATE INDEX former_codes_entitlement ON former_codes (entitlement_id);
