ALTER TABLE tokens DROP COLUMN used_at;
ALTER TABLE tokens DROP COLUMN expires_at;
ALTER TABLE sign_ins DROP COLUMN seen_at;
ALTER TABLE agencies DROP COLUMN idle_minutes;
ALTER TABLE agencies DROP COLUMN confirm_accounts;
ALTER TABLE users DROP COLUMN confirmed_at;
ALTER TABLE users DROP COLUMN confirmed_by;
ALTER TABLE users DROP COLUMN made_by;
