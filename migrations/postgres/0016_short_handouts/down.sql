DROP INDEX entitlements_in_round;
CREATE INDEX entitlements_in_round ON entitlements (round_id, id);
DROP INDEX redemptions_short;
CREATE INDEX redemptions_short ON redemptions (round_id, point_id, day) WHERE short;
