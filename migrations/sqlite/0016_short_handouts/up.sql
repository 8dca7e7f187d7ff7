-- What short handouts gave and left owing is read with the books: from indexes alone.
DROP INDEX redemptions_short;
CREATE INDEX redemptions_short ON redemptions (round_id, point_id, day, short, entitlement_id, id, value_minor) WHERE short;
DROP INDEX entitlements_in_round;
CREATE INDEX entitlements_in_round ON entitlements (round_id, id, value_minor);
-- Its rows lie in the order of their key.
CREATE TABLE redemption_items_by_key (
    redemption_id BLOB NOT NULL REFERENCES redemptions (id),
    code TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    PRIMARY KEY (redemption_id, code)
) WITHOUT ROWID;
INSERT INTO redemption_items_by_key SELECT redemption_id, code, quantity FROM redemption_items;
DROP TABLE redemption_items;
ALTER TABLE redemption_items_by_key RENAME TO redemption_items;
