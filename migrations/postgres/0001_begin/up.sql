-- Ids are 16 bytes, times are milliseconds since 1970 in UTC, money is in minor units, states are words.
-- A column whose name ends in _sealed holds ciphertext; one that ends in _index a keyed digest of it.

CREATE TABLE installation (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE agencies (
    id BYTEA NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    government TEXT NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    hotline TEXT NOT NULL,
    zone TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE points (
    id BYTEA NOT NULL PRIMARY KEY,
    agency_id BYTEA NOT NULL REFERENCES agencies (id),
    number INTEGER NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    sub_district TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (agency_id, number),
    UNIQUE (agency_id, code)
);

CREATE TABLE users (
    id BYTEA NOT NULL PRIMARY KEY,
    agency_id BYTEA NOT NULL REFERENCES agencies (id),
    username TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    point_id BYTEA REFERENCES points (id),
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);

CREATE TABLE devices (
    id BYTEA NOT NULL PRIMARY KEY,
    agency_id BYTEA NOT NULL REFERENCES agencies (id),
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    point_id BYTEA NOT NULL REFERENCES points (id),
    kid BYTEA NOT NULL UNIQUE,
    public_key BYTEA NOT NULL,
    key_sealed BYTEA,
    seq BIGINT NOT NULL,
    head_hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    last_contact_at BIGINT,
    revoked_at BIGINT,
    UNIQUE (agency_id, number)
);

CREATE TABLE sign_ins (
    secret_hash BYTEA NOT NULL PRIMARY KEY,
    user_id BYTEA NOT NULL REFERENCES users (id),
    device_id BYTEA REFERENCES devices (id),
    csrf TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX sign_ins_by_user ON sign_ins (user_id);

CREATE TABLE tokens (
    id BYTEA NOT NULL PRIMARY KEY,
    secret_hash BYTEA NOT NULL UNIQUE,
    user_id BYTEA NOT NULL REFERENCES users (id),
    device_id BYTEA REFERENCES devices (id),
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);

CREATE TABLE programmes (
    id BYTEA NOT NULL PRIMARY KEY,
    agency_id BYTEA NOT NULL REFERENCES agencies (id),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    account_code TEXT NOT NULL,
    account_name TEXT NOT NULL,
    decree_no TEXT NOT NULL,
    decree_date TEXT,
    currency TEXT NOT NULL,
    ceiling_minor BIGINT NOT NULL,
    obligated_minor BIGINT NOT NULL,
    paused_reason TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (agency_id, code),
    CHECK (obligated_minor >= 0 AND obligated_minor <= ceiling_minor)
);

CREATE TABLE packages (
    id BYTEA NOT NULL PRIMARY KEY,
    programme_id BYTEA NOT NULL REFERENCES programmes (id),
    code TEXT NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    value_minor BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (programme_id, code, version)
);

CREATE TABLE package_items (
    package_id BYTEA NOT NULL REFERENCES packages (id),
    position INTEGER NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    pack_name TEXT NOT NULL,
    pack_size BIGINT NOT NULL,
    pack_price_minor BIGINT NOT NULL,
    PRIMARY KEY (package_id, position)
);

CREATE TABLE rounds (
    id BYTEA NOT NULL PRIMARY KEY,
    programme_id BYTEA NOT NULL REFERENCES programmes (id),
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    package_id BYTEA NOT NULL REFERENCES packages (id),
    opens_at BIGINT NOT NULL,
    closes_at BIGINT NOT NULL,
    issued_at BIGINT,
    paused_reason TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (programme_id, number)
);

CREATE TABLE sessions (
    id BYTEA NOT NULL PRIMARY KEY,
    round_id BYTEA NOT NULL REFERENCES rounds (id),
    point_id BYTEA NOT NULL REFERENCES points (id),
    number INTEGER NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    UNIQUE (round_id, point_id, number)
);

CREATE TABLE keys (
    kid BYTEA NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    round_id BYTEA REFERENCES rounds (id),
    public_key BYTEA NOT NULL,
    key_sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT,
    UNIQUE (purpose, round_id)
);

CREATE TABLE households (
    id BYTEA NOT NULL PRIMARY KEY,
    agency_id BYTEA NOT NULL REFERENCES agencies (id),
    source_id TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    sex TEXT,
    relation TEXT NOT NULL,
    rt TEXT NOT NULL,
    village_code TEXT NOT NULL,
    village TEXT NOT NULL,
    sub_district TEXT NOT NULL,
    decile INTEGER,
    civil_match BOOLEAN,
    vulnerabilities TEXT NOT NULL,
    note TEXT NOT NULL,
    nik_sealed BYTEA,
    nik_index BYTEA,
    family_card_sealed BYTEA,
    family_card_index BYTEA,
    address_sealed BYTEA NOT NULL,
    birth_date_sealed BYTEA,
    entered_by BYTEA NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (agency_id, source_id)
);
CREATE INDEX households_by_nik ON households (agency_id, nik_index);
CREATE INDEX households_by_family_card ON households (agency_id, family_card_index);
CREATE INDEX households_by_name ON households (agency_id, name_folded);

CREATE TABLE beneficiaries (
    programme_id BYTEA NOT NULL REFERENCES programmes (id),
    household_id BYTEA NOT NULL REFERENCES households (id),
    standing TEXT NOT NULL,
    point_id BYTEA REFERENCES points (id),
    session_no INTEGER NOT NULL,
    package_code TEXT NOT NULL,
    approved_by BYTEA NOT NULL REFERENCES users (id),
    approved_at BIGINT NOT NULL,
    PRIMARY KEY (programme_id, household_id)
);

CREATE TABLE intakes (
    id BYTEA NOT NULL PRIMARY KEY,
    programme_id BYTEA NOT NULL REFERENCES programmes (id),
    file_name TEXT NOT NULL,
    file_hash BYTEA NOT NULL,
    ignored_columns TEXT NOT NULL,
    rows_new BIGINT NOT NULL,
    rows_changed BIGINT NOT NULL,
    rows_same BIGINT NOT NULL,
    rows_rejected BIGINT NOT NULL,
    warnings BIGINT NOT NULL,
    uploaded_by BYTEA NOT NULL REFERENCES users (id),
    uploaded_at BIGINT NOT NULL,
    applied_by BYTEA REFERENCES users (id),
    applied_at BIGINT
);
CREATE INDEX intakes_by_programme ON intakes (programme_id);

CREATE TABLE intake_rows (
    intake_id BYTEA NOT NULL REFERENCES intakes (id),
    number INTEGER NOT NULL,
    source_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    findings TEXT NOT NULL,
    particulars_sealed BYTEA,
    PRIMARY KEY (intake_id, number)
);

CREATE TABLE entitlements (
    id BYTEA NOT NULL PRIMARY KEY,
    round_id BYTEA NOT NULL REFERENCES rounds (id),
    household_id BYTEA NOT NULL REFERENCES households (id),
    point_id BYTEA NOT NULL REFERENCES points (id),
    session_no INTEGER NOT NULL,
    value_minor BIGINT NOT NULL,
    state TEXT NOT NULL,
    fence_epoch INTEGER NOT NULL,
    fence_counter BIGINT NOT NULL,
    holder_id BYTEA REFERENCES devices (id),
    print_no INTEGER NOT NULL,
    typed_code TEXT NOT NULL UNIQUE,
    held_reason TEXT,
    revoked_reason TEXT,
    issued_by BYTEA NOT NULL REFERENCES users (id),
    issued_at BIGINT NOT NULL,
    UNIQUE (round_id, household_id)
);
CREATE INDEX entitlements_in_round ON entitlements (round_id, id);
CREATE INDEX entitlements_at_point ON entitlements (round_id, point_id, state);

CREATE TABLE redemptions (
    id BYTEA NOT NULL PRIMARY KEY,
    entitlement_id BYTEA NOT NULL UNIQUE REFERENCES entitlements (id),
    round_id BYTEA NOT NULL REFERENCES rounds (id),
    point_id BYTEA NOT NULL REFERENCES points (id),
    device_id BYTEA NOT NULL REFERENCES devices (id),
    operator_id BYTEA NOT NULL REFERENCES users (id),
    seq BIGINT NOT NULL,
    number TEXT NOT NULL,
    collector_kind TEXT NOT NULL,
    collector_relation TEXT,
    collector_name_sealed BYTEA,
    collector_name_salt BYTEA,
    id_seen BOOLEAN NOT NULL,
    paper TEXT NOT NULL,
    paper_reason TEXT,
    short BOOLEAN NOT NULL,
    value_minor BIGINT NOT NULL,
    scanned_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    day TEXT NOT NULL,
    request_hash BYTEA NOT NULL,
    receipt BYTEA NOT NULL,
    receipt_hash BYTEA NOT NULL,
    UNIQUE (device_id, seq)
);
CREATE INDEX redemptions_in_round ON redemptions (round_id, point_id);

-- What was given, line by line, of the handouts that were short; a full one gave what the package says.
CREATE TABLE redemption_items (
    redemption_id BYTEA NOT NULL REFERENCES redemptions (id),
    code TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    PRIMARY KEY (redemption_id, code)
);

-- Every verification and every try to redeem, also the refused ones. Nothing of a foreign code is kept.
CREATE TABLE attempts (
    id BYTEA NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    agency_id BYTEA NOT NULL REFERENCES agencies (id),
    kind TEXT NOT NULL,
    outcome TEXT NOT NULL,
    user_id BYTEA NOT NULL REFERENCES users (id),
    device_id BYTEA REFERENCES devices (id),
    point_id BYTEA REFERENCES points (id),
    entitlement_id BYTEA,
    redemption_id BYTEA,
    print_no INTEGER
);
CREATE INDEX attempts_by_entitlement ON attempts (entitlement_id);
CREATE INDEX attempts_by_device ON attempts (device_id, id);

CREATE TABLE audit (
    id BYTEA NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    agency_id BYTEA,
    user_id BYTEA,
    event TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL
);
