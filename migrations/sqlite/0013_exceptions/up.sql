-- One first right a household and round, as before; the exceptions that stand for it are numbered, and at most one
-- of them lies free for whoever comes.
-- SQLite cannot take a constraint off a table, so the table is made anew. Foreign keys are off meanwhile (see the
-- runner), and what refers to the old table by its name refers to the new one in the end.
CREATE TABLE entitlements_new (
    id BLOB NOT NULL PRIMARY KEY,
    round_id BLOB NOT NULL REFERENCES rounds (id),
    household_id BLOB NOT NULL REFERENCES households (id),
    point_id BLOB NOT NULL REFERENCES points (id),
    session_no INTEGER NOT NULL,
    value_minor BIGINT NOT NULL,
    state TEXT NOT NULL,
    fence_epoch INTEGER NOT NULL,
    fence_counter BIGINT NOT NULL,
    holder_id BLOB REFERENCES devices (id),
    print_no INTEGER NOT NULL,
    typed_code TEXT NOT NULL UNIQUE,
    held_reason TEXT,
    revoked_reason TEXT,
    issued_by BLOB NOT NULL REFERENCES users (id),
    issued_at BIGINT NOT NULL,
    desk_no INTEGER NOT NULL DEFAULT 1,
    revoke_requested TEXT,
    hold_taken BOOLEAN NOT NULL DEFAULT FALSE,
    release_owed BOOLEAN NOT NULL DEFAULT FALSE,
    doubt_id BLOB REFERENCES devices (id),
    replaced BOOLEAN NOT NULL DEFAULT FALSE,
    exception_of BLOB REFERENCES entitlements (id),
    exception_no INTEGER NOT NULL DEFAULT 0,
    CHECK ((exception_of IS NULL) = (exception_no = 0))
);
INSERT INTO entitlements_new (id, round_id, household_id, point_id, session_no, value_minor, state, fence_epoch, fence_counter,
    holder_id, print_no, typed_code, held_reason, revoked_reason, issued_by, issued_at, desk_no,
    revoke_requested, hold_taken, release_owed, doubt_id, replaced)
SELECT id, round_id, household_id, point_id, session_no, value_minor, state, fence_epoch, fence_counter,
    holder_id, print_no, typed_code, held_reason, revoked_reason, issued_by, issued_at, desk_no,
    revoke_requested, hold_taken, release_owed, doubt_id, replaced
FROM entitlements;
DROP TABLE entitlements;
ALTER TABLE entitlements_new RENAME TO entitlements;
CREATE INDEX entitlements_in_round ON entitlements (round_id, id);
CREATE INDEX entitlements_at_point ON entitlements (round_id, point_id, state, holder_id, value_minor);
CREATE INDEX entitlements_held_by ON entitlements (holder_id, id);
CREATE UNIQUE INDEX entitlements_of_household ON entitlements (round_id, household_id, exception_no);
CREATE UNIQUE INDEX entitlements_exception_open ON entitlements (exception_of)
WHERE exception_of IS NOT NULL AND state = 'available';

-- What a household is still owed after a short handout, a reversal or a loss, as one person proposed it and
-- another decided it; approved, it is an entitlement of its own.
CREATE TABLE exceptions (
    id BLOB NOT NULL PRIMARY KEY,
    agency_id BLOB NOT NULL REFERENCES agencies (id),
    round_id BLOB NOT NULL REFERENCES rounds (id),
    first_id BLOB NOT NULL REFERENCES entitlements (id),
    follows_id BLOB NOT NULL REFERENCES entitlements (id),
    cause TEXT NOT NULL,
    case_id BLOB REFERENCES cases (id),
    reason_sealed BLOB NOT NULL,
    value_minor BIGINT NOT NULL,
    state TEXT NOT NULL,
    proposed_by BLOB NOT NULL REFERENCES users (id),
    proposed_at BIGINT NOT NULL,
    decided_by BLOB REFERENCES users (id),
    decided_at BIGINT,
    note_sealed BLOB,
    entitlement_id BLOB UNIQUE REFERENCES entitlements (id)
);
CREATE INDEX exceptions_of ON exceptions (first_id, id);
CREATE INDEX exceptions_in_round ON exceptions (round_id, id);
CREATE UNIQUE INDEX exceptions_proposed ON exceptions (first_id) WHERE state = 'proposed';

-- Whether a case reversed its handout is asked of a right.
CREATE INDEX cases_of_entitlement ON cases (entitlement_id);

-- What it holds, line by line.
CREATE TABLE exception_items (
    exception_id BLOB NOT NULL REFERENCES exceptions (id),
    code TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    PRIMARY KEY (exception_id, code)
);

-- Nothing may point to a row that is not there: then none of this counts.
CREATE TABLE exceptions_check (dangling INTEGER NOT NULL CHECK (dangling = 0));
INSERT INTO exceptions_check SELECT count(*) FROM pragma_foreign_key_check;
DROP TABLE exceptions_check;
