DROP INDEX cases_of_entitlement;
DROP TABLE exception_items;
DROP TABLE exceptions;
-- With an exception in it the way back is refused: there is no place for it.
DROP INDEX entitlements_exception_open;
DROP INDEX entitlements_of_household;
ALTER TABLE entitlements DROP COLUMN exception_no;
ALTER TABLE entitlements DROP COLUMN exception_of;
ALTER TABLE entitlements ADD UNIQUE (round_id, household_id);
