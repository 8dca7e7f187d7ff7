-- The sums of a round are read from the index alone, however many vouchers it has: nothing has to be kept
-- besides the rows themselves, so no sum can drift from them.
DROP INDEX entitlements_at_point;
CREATE INDEX entitlements_at_point ON entitlements (round_id, point_id, state, holder_id, value_minor);
DROP INDEX redemptions_in_round;
CREATE INDEX redemptions_in_round ON redemptions (round_id, point_id, day, collector_kind, short, value_minor);
-- Short handouts are few; their lines are found without looking at the full ones.
CREATE INDEX redemptions_short ON redemptions (round_id, point_id, day) WHERE short;

-- What an agency chooses: from when on a pattern is looked at, and whether a desk may go on by the books' zero.
ALTER TABLE agencies ADD COLUMN proxy_times INTEGER NOT NULL DEFAULT 5;
ALTER TABLE agencies ADD COLUMN proxy_percent INTEGER NOT NULL DEFAULT 10;
ALTER TABLE agencies ADD COLUMN scans_per_minute INTEGER NOT NULL DEFAULT 6;
ALTER TABLE agencies ADD COLUMN stop_when_empty BOOLEAN NOT NULL DEFAULT FALSE;

-- A view of a list that somebody comes back to.
CREATE TABLE saved_filters (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id),
    page TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (user_id, page, name)
);
