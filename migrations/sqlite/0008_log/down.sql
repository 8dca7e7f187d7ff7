DROP INDEX redemptions_by_receipt;
DROP TABLE log_checkpoints;
DROP TABLE log_tiles;
DROP TABLE log_salts;
DROP TABLE log_leaves;
