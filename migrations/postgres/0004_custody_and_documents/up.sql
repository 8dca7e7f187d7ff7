-- The paper after it was printed: bundles and the hands they pass through, reprints that two people agree to,
-- and the documents that are made from scans.

-- A bundle: the vouchers of one point, village and RT that go to one person against a signature.
CREATE TABLE bundles (
    id BYTEA NOT NULL PRIMARY KEY,
    round_id BYTEA NOT NULL REFERENCES rounds (id),
    point_id BYTEA NOT NULL REFERENCES points (id),
    number INTEGER NOT NULL,
    code TEXT NOT NULL,
    village TEXT NOT NULL,
    rt TEXT NOT NULL,
    vouchers INTEGER NOT NULL,
    first_serial INTEGER NOT NULL,
    last_serial INTEGER NOT NULL,
    prepared_by BYTEA NOT NULL REFERENCES users (id),
    prepared_at BIGINT NOT NULL,
    UNIQUE (round_id, number)
);
CREATE TABLE bundle_vouchers (
    entitlement_id BYTEA NOT NULL PRIMARY KEY REFERENCES entitlements (id),
    bundle_id BYTEA NOT NULL REFERENCES bundles (id),
    serial INTEGER NOT NULL
);
CREATE INDEX bundle_vouchers_of ON bundle_vouchers (bundle_id, serial);

-- Where a bundle went. A step is never changed; what stands out is counted from all of them.
CREATE TABLE custody_steps (
    id BYTEA NOT NULL PRIMARY KEY,
    bundle_id BYTEA NOT NULL REFERENCES bundles (id),
    step TEXT NOT NULL,
    vouchers INTEGER NOT NULL,
    holder TEXT NOT NULL,
    note TEXT NOT NULL,
    recorded_by BYTEA NOT NULL REFERENCES users (id),
    recorded_at BIGINT NOT NULL
);
CREATE INDEX custody_steps_of ON custody_steps (bundle_id, id);

-- Reprints: who asked and why, who agreed, and where the old sheet is.
CREATE TABLE reprints (
    id BYTEA NOT NULL PRIMARY KEY,
    entitlement_id BYTEA NOT NULL REFERENCES entitlements (id),
    round_id BYTEA NOT NULL REFERENCES rounds (id),
    old_print_no INTEGER NOT NULL,
    new_print_no INTEGER,
    cause TEXT NOT NULL,
    reason TEXT NOT NULL,
    sheet_kept BOOLEAN NOT NULL,
    requested_by BYTEA NOT NULL REFERENCES users (id),
    requested_at BIGINT NOT NULL,
    approved_by BYTEA REFERENCES users (id),
    approved_at BIGINT
);
CREATE INDEX reprints_in ON reprints (round_id, id);
CREATE INDEX reprints_of ON reprints (entitlement_id, id);

-- Why a household has not come, as somebody found out. The newest note counts.
CREATE TABLE absences (
    id BYTEA NOT NULL PRIMARY KEY,
    entitlement_id BYTEA NOT NULL REFERENCES entitlements (id),
    reason TEXT NOT NULL,
    follow_up TEXT NOT NULL,
    noted_by BYTEA NOT NULL REFERENCES users (id),
    noted_at BIGINT NOT NULL
);
CREATE INDEX absences_of ON absences (entitlement_id, id);

-- Documents as they were made: what they say is sealed, and their hash is that of what they say.
CREATE TABLE documents (
    id BYTEA NOT NULL PRIMARY KEY,
    round_id BYTEA NOT NULL REFERENCES rounds (id),
    kind TEXT NOT NULL,
    serial INTEGER NOT NULL,
    number TEXT NOT NULL,
    point_id BYTEA REFERENCES points (id),
    session_no INTEGER,
    cut_off BIGINT NOT NULL,
    lines INTEGER NOT NULL,
    content_sealed BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    made_by BYTEA NOT NULL REFERENCES users (id),
    made_at BIGINT NOT NULL,
    UNIQUE (round_id, kind, serial)
);
CREATE INDEX documents_in ON documents (round_id, id);

-- Who signs what. Without a line here a document has the titles that offices use.
CREATE TABLE signature_titles (
    agency_id BYTEA NOT NULL REFERENCES agencies (id),
    kind TEXT NOT NULL,
    position INTEGER NOT NULL,
    caption TEXT NOT NULL,
    title TEXT NOT NULL,
    name TEXT NOT NULL,
    name_no TEXT NOT NULL,
    PRIMARY KEY (agency_id, kind, position)
);
