DROP TABLE erasures;
DROP TABLE legal_holds;
DROP TABLE key_requests;
DROP INDEX keys_live;
-- The older shape has room for one key a round: the live one.
DELETE FROM keys WHERE retired_at IS NOT NULL AND round_id IS NOT NULL;
ALTER TABLE keys ADD CONSTRAINT keys_purpose_round_id_key UNIQUE (purpose, round_id);
ALTER TABLE keys DROP COLUMN compromised_since;
DROP TABLE invitations;
DROP TABLE recovery_codes;
DROP TABLE second_factors;
DROP INDEX audit_by_agency;
ALTER TABLE audit DROP COLUMN address;
ALTER TABLE sign_ins DROP COLUMN address;
ALTER TABLE sign_ins DROP COLUMN id;
ALTER TABLE users DROP COLUMN expires_at;
