-- Leases: rights that devices hold without network, what they bring back, and what must be known after a restore.

-- A device that keeps its own key has a token of its own; a desk in a browser has neither.
ALTER TABLE devices ADD COLUMN keeper TEXT NOT NULL DEFAULT 'server';
ALTER TABLE devices ADD COLUMN tier TEXT NOT NULL DEFAULT 'server';
ALTER TABLE devices ADD COLUMN token_hash BYTEA;
ALTER TABLE devices ADD COLUMN names_key_sealed BYTEA;
ALTER TABLE devices ADD COLUMN written_off_at BIGINT;
ALTER TABLE devices ADD COLUMN forked BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE devices ADD COLUMN answered_epoch INTEGER NOT NULL DEFAULT 1;
ALTER TABLE devices ADD COLUMN highest BIGINT NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN received BIGINT NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN signed_claim BIGINT NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN brake_packages INTEGER;
ALTER TABLE devices ADD COLUMN brake_hours INTEGER;
CREATE UNIQUE INDEX devices_by_token ON devices (token_hash);

ALTER TABLE entitlements ADD COLUMN revoke_requested TEXT;
ALTER TABLE entitlements ADD COLUMN hold_taken BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE entitlements ADD COLUMN release_owed BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE entitlements ADD COLUMN doubt_id BYTEA REFERENCES devices (id);
ALTER TABLE entitlements ADD COLUMN replaced BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX entitlements_held_by ON entitlements (holder_id, id);

-- An invitation to a device that is not there yet.
CREATE TABLE enrolments (
    id BYTEA NOT NULL PRIMARY KEY,
    agency_id BYTEA NOT NULL REFERENCES agencies (id),
    point_id BYTEA NOT NULL REFERENCES points (id),
    name TEXT NOT NULL,
    code_hash BYTEA NOT NULL UNIQUE,
    secret_hash BYTEA NOT NULL UNIQUE,
    brake_packages INTEGER,
    brake_hours INTEGER,
    created_by BYTEA NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    code_expires_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    device_id BYTEA REFERENCES devices (id)
);

-- Who may open the names on a device.
CREATE TABLE device_operators (
    device_id BYTEA NOT NULL REFERENCES devices (id),
    user_id BYTEA NOT NULL REFERENCES users (id),
    granted_at BIGINT NOT NULL,
    PRIMARY KEY (device_id, user_id)
);

-- Every receipt that ever came from a device with a journal of its own, also those that redeem nothing.
CREATE TABLE device_receipts (
    hash BYTEA NOT NULL PRIMARY KEY,
    device_id BYTEA NOT NULL REFERENCES devices (id),
    seq BIGINT NOT NULL,
    first_there BOOLEAN NOT NULL,
    prev_hash BYTEA NOT NULL,
    redemption_id BYTEA NOT NULL,
    entitlement_id BYTEA NOT NULL REFERENCES entitlements (id),
    conflict TEXT,
    receipt BYTEA NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE INDEX device_receipts_in_chain ON device_receipts (device_id, seq);
CREATE INDEX device_receipts_by_id ON device_receipts (redemption_id);
CREATE INDEX device_receipts_of ON device_receipts (entitlement_id);

-- What a person has to look at: forks, broken signatures, claims that cannot be.
CREATE TABLE lease_evidence (
    id BYTEA NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    device_id BYTEA REFERENCES devices (id),
    entitlement_id BYTEA,
    seq BIGINT,
    detail TEXT NOT NULL,
    bytes BYTEA,
    digest BYTEA NOT NULL UNIQUE
);
CREATE INDEX lease_evidence_of_device ON lease_evidence (device_id, id);

-- Pages of a device's answer after a restore, until all of them are there.
CREATE TABLE resync_pages (
    device_id BYTEA NOT NULL REFERENCES devices (id),
    epoch INTEGER NOT NULL,
    page INTEGER NOT NULL,
    signed BYTEA NOT NULL,
    PRIMARY KEY (device_id, epoch, page)
);

-- Two persons give a device up.
CREATE TABLE write_offs (
    device_id BYTEA NOT NULL PRIMARY KEY REFERENCES devices (id),
    asked_by BYTEA NOT NULL REFERENCES users (id),
    asked_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    agreed_by BYTEA REFERENCES users (id),
    agreed_at BIGINT,
    unresolved BIGINT
);

-- Facts that have to be stored outside the database; a row goes once that is done.
CREATE TABLE owed_facts (
    id BYTEA NOT NULL PRIMARY KEY,
    record BYTEA NOT NULL
);
