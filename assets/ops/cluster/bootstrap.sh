#!/bin/sh
# Patroni runs this once, on the first leader, with the address of the new cluster: the role and the database of
# Salur. SALUR_DB_PASSWORD comes from the environment of Patroni (a drop-in of patroni.service).
set -eu
: "${SALUR_DB_PASSWORD:?}"
psql -X -q -v ON_ERROR_STOP=1 -v password="$SALUR_DB_PASSWORD" -d "$1" <<'SQL'
SET password_encryption = 'scram-sha-256';
CREATE ROLE salur LOGIN PASSWORD :'password';
-- Without it Salur cannot ask whether the standby has what was committed, and refuses to start.
GRANT pg_read_all_stats TO salur;
CREATE DATABASE salur OWNER salur;
SQL
