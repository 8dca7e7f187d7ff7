-- Second factors, invitations, the address in the trail, rotation of keys, retention.

ALTER TABLE users ADD COLUMN expires_at BIGINT;
ALTER TABLE sign_ins ADD COLUMN id BLOB;
ALTER TABLE sign_ins ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN address TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_by_agency ON audit (agency_id, id);

-- The shared secret of a person's one-time codes; it counts only from its confirmation on. `step` is the
-- newest time step of which a code was taken: no code is good twice.
CREATE TABLE second_factors (
    user_id BLOB NOT NULL PRIMARY KEY REFERENCES users (id),
    secret_sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    step BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    user_id BLOB NOT NULL REFERENCES users (id),
    code_hash BLOB NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (user_id, code_hash)
);

CREATE TABLE invitations (
    id BLOB NOT NULL PRIMARY KEY,
    secret_hash BLOB NOT NULL UNIQUE,
    agency_id BLOB NOT NULL REFERENCES agencies (id),
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    point_id BLOB REFERENCES points (id),
    invited_by BLOB NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    account_expires_at BIGINT,
    used_at BIGINT,
    user_id BLOB REFERENCES users (id)
);

-- A round has one live key at a time, and may have had others.
CREATE TABLE keys_anew (
    kid BLOB NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    round_id BLOB REFERENCES rounds (id),
    public_key BLOB NOT NULL,
    key_sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT,
    compromised_since BIGINT
);
INSERT INTO keys_anew SELECT kid, purpose, round_id, public_key, key_sealed, created_at, retired_at, NULL FROM keys;
DROP TABLE keys;
ALTER TABLE keys_anew RENAME TO keys;
CREATE UNIQUE INDEX keys_live ON keys (purpose, round_id) WHERE retired_at IS NULL;

-- What one person asks to be done with a key, until another agrees.
CREATE TABLE key_requests (
    id BLOB NOT NULL PRIMARY KEY,
    agency_id BLOB NOT NULL REFERENCES agencies (id),
    kid BLOB NOT NULL REFERENCES keys (kid),
    compromised_since BIGINT,
    reason TEXT NOT NULL,
    requested_by BLOB NOT NULL REFERENCES users (id),
    requested_at BIGINT NOT NULL,
    approved_by BLOB REFERENCES users (id),
    approved_at BIGINT,
    new_kid BLOB REFERENCES keys (kid)
);

-- While one stands, nothing of the agency is erased.
CREATE TABLE legal_holds (
    id BLOB NOT NULL PRIMARY KEY,
    agency_id BLOB NOT NULL REFERENCES agencies (id),
    document_no TEXT NOT NULL,
    reason TEXT NOT NULL,
    set_by BLOB NOT NULL REFERENCES users (id),
    set_at BIGINT NOT NULL,
    lifted_by BLOB REFERENCES users (id),
    lifted_at BIGINT
);

-- Households whose personal data are gone, and who saw to it.
CREATE TABLE erasures (
    household_id BLOB NOT NULL PRIMARY KEY REFERENCES households (id),
    erased_by BLOB NOT NULL REFERENCES users (id),
    erased_at BIGINT NOT NULL
);
