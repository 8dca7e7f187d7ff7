-- Who made an account stays known: there is nothing to take back.
SELECT 1;
