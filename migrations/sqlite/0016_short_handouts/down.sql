CREATE TABLE redemption_items_in_rows (
    redemption_id BLOB NOT NULL REFERENCES redemptions (id),
    code TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    PRIMARY KEY (redemption_id, code)
);
INSERT INTO redemption_items_in_rows SELECT redemption_id, code, quantity FROM redemption_items;
DROP TABLE redemption_items;
ALTER TABLE redemption_items_in_rows RENAME TO redemption_items;
DROP INDEX entitlements_in_round;
CREATE INDEX entitlements_in_round ON entitlements (round_id, id);
DROP INDEX redemptions_short;
CREATE INDEX redemptions_short ON redemptions (round_id, point_id, day) WHERE short;
