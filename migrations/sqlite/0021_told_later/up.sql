-- The handouts that a device without network told of later, by where and when: a count of goods may lie between.
CREATE INDEX redemptions_told_later ON redemptions (point_id, received_at, scanned_at)
    WHERE received_at - scanned_at > 1000;
