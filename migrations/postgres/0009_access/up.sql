-- Second factors, invitations, the address in the trail, rotation of keys, retention.

ALTER TABLE users ADD COLUMN expires_at BIGINT;
ALTER TABLE sign_ins ADD COLUMN id BYTEA;
ALTER TABLE sign_ins ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN address TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_by_agency ON audit (agency_id, id);

-- The shared secret of a person's one-time codes; it counts only from its confirmation on. `step` is the
-- newest time step of which a code was taken: no code is good twice.
CREATE TABLE second_factors (
    user_id BYTEA NOT NULL PRIMARY KEY REFERENCES users (id),
    secret_sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    step BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    user_id BYTEA NOT NULL REFERENCES users (id),
    code_hash BYTEA NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (user_id, code_hash)
);

CREATE TABLE invitations (
    id BYTEA NOT NULL PRIMARY KEY,
    secret_hash BYTEA NOT NULL UNIQUE,
    agency_id BYTEA NOT NULL REFERENCES agencies (id),
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    point_id BYTEA REFERENCES points (id),
    invited_by BYTEA NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    account_expires_at BIGINT,
    used_at BIGINT,
    user_id BYTEA REFERENCES users (id)
);

-- A round has one live key at a time, and may have had others.
ALTER TABLE keys ADD COLUMN compromised_since BIGINT;
ALTER TABLE keys DROP CONSTRAINT keys_purpose_round_id_key;
CREATE UNIQUE INDEX keys_live ON keys (purpose, round_id) WHERE retired_at IS NULL;

-- What one person asks to be done with a key, until another agrees.
CREATE TABLE key_requests (
    id BYTEA NOT NULL PRIMARY KEY,
    agency_id BYTEA NOT NULL REFERENCES agencies (id),
    kid BYTEA NOT NULL REFERENCES keys (kid),
    compromised_since BIGINT,
    reason TEXT NOT NULL,
    requested_by BYTEA NOT NULL REFERENCES users (id),
    requested_at BIGINT NOT NULL,
    approved_by BYTEA REFERENCES users (id),
    approved_at BIGINT,
    new_kid BYTEA REFERENCES keys (kid)
);

-- While one stands, nothing of the agency is erased.
CREATE TABLE legal_holds (
    id BYTEA NOT NULL PRIMARY KEY,
    agency_id BYTEA NOT NULL REFERENCES agencies (id),
    document_no TEXT NOT NULL,
    reason TEXT NOT NULL,
    set_by BYTEA NOT NULL REFERENCES users (id),
    set_at BIGINT NOT NULL,
    lifted_by BYTEA REFERENCES users (id),
    lifted_at BIGINT
);

-- Households whose personal data are gone, and who saw to it.
CREATE TABLE erasures (
    household_id BYTEA NOT NULL PRIMARY KEY REFERENCES households (id),
    erased_by BYTEA NOT NULL REFERENCES users (id),
    erased_at BIGINT NOT NULL
);
