-- The log: one leaf an event, written in the transaction of the event. The sequencer numbers leaves without
-- a gap right after; a leaf without a number is waiting for it, and nothing else is.
CREATE TABLE log_leaves (
    serial BIGINT NOT NULL PRIMARY KEY,
    leaf_index BIGINT UNIQUE,
    entry BLOB NOT NULL,
    entitlement_id BLOB,
    device_id BLOB,
    actor_id BLOB,
    redemption_id BLOB,
    subject BLOB
);
CREATE INDEX log_leaves_of_entitlement ON log_leaves (entitlement_id);
CREATE INDEX log_leaves_of_device ON log_leaves (device_id);
CREATE INDEX log_leaves_of_actor ON log_leaves (actor_id);
CREATE INDEX log_leaves_of_redemption ON log_leaves (redemption_id);

-- What makes a digest in a leaf checkable. Deleting a salt is the erasure of the value; the tree still verifies.
CREATE TABLE log_salts (
    leaf_serial BIGINT NOT NULL PRIMARY KEY REFERENCES log_leaves (serial),
    salt BLOB NOT NULL
);

-- The hashes of the tree by level and tile; the last tile of a level grows until it is full.
CREATE TABLE log_tiles (
    level INTEGER NOT NULL,
    number BIGINT NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, number)
);

-- Every head of the tree that was signed.
CREATE TABLE log_checkpoints (
    size BIGINT NOT NULL PRIMARY KEY,
    root BLOB NOT NULL,
    note TEXT NOT NULL,
    signed_at BIGINT NOT NULL
);

-- A household finds its receipt by the mark on the slip: the first signs of this hash.
CREATE INDEX redemptions_by_receipt ON redemptions (receipt_hash);
