-- Who made an account, and which other person confirmed that whoever holds it is somebody of their own; whether an
-- agency lets nobody check another before that.
ALTER TABLE users ADD COLUMN made_by BYTEA;
ALTER TABLE users ADD COLUMN confirmed_by BYTEA;
ALTER TABLE users ADD COLUMN confirmed_at BIGINT;
UPDATE users SET made_by = (SELECT invited_by FROM invitations WHERE invitations.user_id = users.id);
ALTER TABLE agencies ADD COLUMN confirm_accounts BOOLEAN NOT NULL DEFAULT FALSE;
-- After how long without a request a sign-in ends, and when sign-ins and tokens were used last; when a token ends.
ALTER TABLE agencies ADD COLUMN idle_minutes INTEGER NOT NULL DEFAULT 240;
ALTER TABLE sign_ins ADD COLUMN seen_at BIGINT;
ALTER TABLE tokens ADD COLUMN expires_at BIGINT;
ALTER TABLE tokens ADD COLUMN used_at BIGINT;
