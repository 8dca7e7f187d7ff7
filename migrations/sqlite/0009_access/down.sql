DROP TABLE erasures;
DROP TABLE legal_holds;
DROP TABLE key_requests;
DROP INDEX keys_live;
CREATE TABLE keys_before (
    kid BLOB NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    round_id BLOB REFERENCES rounds (id),
    public_key BLOB NOT NULL,
    key_sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT,
    UNIQUE (purpose, round_id)
);
-- The older shape has room for one key a round: the live one.
INSERT INTO keys_before SELECT kid, purpose, round_id, public_key, key_sealed, created_at, retired_at FROM keys
    WHERE retired_at IS NULL OR round_id IS NULL;
DROP TABLE keys;
ALTER TABLE keys_before RENAME TO keys;
DROP TABLE invitations;
DROP TABLE recovery_codes;
DROP TABLE second_factors;
DROP INDEX audit_by_agency;
ALTER TABLE audit DROP COLUMN address;
ALTER TABLE sign_ins DROP COLUMN address;
ALTER TABLE sign_ins DROP COLUMN id;
ALTER TABLE users DROP COLUMN expires_at;
