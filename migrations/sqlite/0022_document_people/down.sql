ALTER TABLE documents DROP COLUMN people;
