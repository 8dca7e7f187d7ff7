DROP INDEX cases_of_entitlement;
DROP TABLE exception_items;
DROP TABLE exceptions;
-- With an exception in it the way back is refused: there is no place for it.
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
    UNIQUE (round_id, household_id)
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
