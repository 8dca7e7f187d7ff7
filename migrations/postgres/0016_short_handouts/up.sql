-- What short handouts gave and left owing is read with the books: from indexes alone.
DROP INDEX redemptions_short;
CREATE INDEX redemptions_short ON redemptions (round_id, point_id, day, short, entitlement_id, id, value_minor) WHERE short;
DROP INDEX entitlements_in_round;
CREATE INDEX entitlements_in_round ON entitlements (round_id, id, value_minor);
