-- What an agency chooses for the PIN on its devices: how many digits, and how many wrong ones in a row lock it.
ALTER TABLE agencies ADD COLUMN pin_signs INTEGER NOT NULL DEFAULT 6;
ALTER TABLE agencies ADD COLUMN pin_tries INTEGER NOT NULL DEFAULT 5;
