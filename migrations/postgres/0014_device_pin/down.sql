ALTER TABLE agencies DROP COLUMN pin_tries;
ALTER TABLE agencies DROP COLUMN pin_signs;
