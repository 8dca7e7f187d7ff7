-- Cases: whatever a person must decide. None is ever deleted; what happens to one is added as a step.

-- The natural key says what a case is about, so that the same conflict that is reported twice is one case.
CREATE TABLE cases (
    id BYTEA NOT NULL PRIMARY KEY,
    agency_id BYTEA NOT NULL REFERENCES agencies (id),
    natural_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    round_id BYTEA REFERENCES rounds (id),
    point_id BYTEA REFERENCES points (id),
    entitlement_id BYTEA REFERENCES entitlements (id),
    device_id BYTEA REFERENCES devices (id),
    detail_sealed BYTEA NOT NULL,
    evidence TEXT NOT NULL,
    opened_by BYTEA REFERENCES users (id),
    opened_at BIGINT NOT NULL,
    owner_id BYTEA REFERENCES users (id),
    outcome TEXT,
    posting_minor BIGINT NOT NULL,
    extra_packages BIGINT NOT NULL,
    proposed_by BYTEA REFERENCES users (id),
    proposed_at BIGINT,
    decided_by BYTEA REFERENCES users (id),
    decided_at BIGINT,
    closed_by BYTEA REFERENCES users (id),
    closed_at BIGINT,
    UNIQUE (agency_id, natural_key)
);
CREATE INDEX cases_in_round ON cases (round_id, id);
CREATE INDEX cases_by_state ON cases (agency_id, state, id);

-- What was said and done about a case, in order.
CREATE TABLE case_steps (
    id BYTEA NOT NULL PRIMARY KEY,
    case_id BYTEA NOT NULL REFERENCES cases (id),
    step TEXT NOT NULL,
    text_sealed BYTEA NOT NULL,
    taken_by BYTEA REFERENCES users (id),
    taken_at BIGINT NOT NULL
);
CREATE INDEX case_steps_of ON case_steps (case_id, id);
