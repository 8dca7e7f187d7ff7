-- Who made the accounts that were made with a password and before makers were kept, as the record of acts has it. Accounts
-- that nobody made began the installation or an agency: whoever did that vouches for them.
UPDATE users SET made_by = (
    SELECT audit.user_id FROM audit
    WHERE audit.event = 'user.created' AND replace(audit.object, '-', '') = lower(hex(users.id)) AND audit.user_id <> users.id
    ORDER BY audit.id LIMIT 1
) WHERE made_by IS NULL;
UPDATE users SET confirmed_at = created_at WHERE made_by IS NULL AND confirmed_at IS NULL;
