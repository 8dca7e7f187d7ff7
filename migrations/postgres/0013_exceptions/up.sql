-- One first right a household and round, as before; the exceptions that stand for it are numbered, and at most one
-- of them lies free for whoever comes.
ALTER TABLE entitlements ADD COLUMN exception_of BYTEA REFERENCES entitlements (id);
ALTER TABLE entitlements ADD COLUMN exception_no INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entitlements ADD CHECK ((exception_of IS NULL) = (exception_no = 0));
ALTER TABLE entitlements DROP CONSTRAINT entitlements_round_id_household_id_key;
CREATE UNIQUE INDEX entitlements_of_household ON entitlements (round_id, household_id, exception_no);
CREATE UNIQUE INDEX entitlements_exception_open ON entitlements (exception_of)
WHERE exception_of IS NOT NULL AND state = 'available';

-- What a household is still owed after a short handout, a reversal or a loss, as one person proposed it and
-- another decided it; approved, it is an entitlement of its own.
CREATE TABLE exceptions (
    id BYTEA NOT NULL PRIMARY KEY,
    agency_id BYTEA NOT NULL REFERENCES agencies (id),
    round_id BYTEA NOT NULL REFERENCES rounds (id),
    first_id BYTEA NOT NULL REFERENCES entitlements (id),
    follows_id BYTEA NOT NULL REFERENCES entitlements (id),
    cause TEXT NOT NULL,
    case_id BYTEA REFERENCES cases (id),
    reason_sealed BYTEA NOT NULL,
    value_minor BIGINT NOT NULL,
    state TEXT NOT NULL,
    proposed_by BYTEA NOT NULL REFERENCES users (id),
    proposed_at BIGINT NOT NULL,
    decided_by BYTEA REFERENCES users (id),
    decided_at BIGINT,
    note_sealed BYTEA,
    entitlement_id BYTEA UNIQUE REFERENCES entitlements (id)
);
CREATE INDEX exceptions_of ON exceptions (first_id, id);
CREATE INDEX exceptions_in_round ON exceptions (round_id, id);
CREATE UNIQUE INDEX exceptions_proposed ON exceptions (first_id) WHERE state = 'proposed';

-- Whether a case reversed its handout is asked of a right.
CREATE INDEX cases_of_entitlement ON cases (entitlement_id);

-- What it holds, line by line.
CREATE TABLE exception_items (
    exception_id BYTEA NOT NULL REFERENCES exceptions (id),
    code TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    PRIMARY KEY (exception_id, code)
);
