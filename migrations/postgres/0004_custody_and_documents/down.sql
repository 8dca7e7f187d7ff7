DROP TABLE signature_titles;
DROP TABLE documents;
DROP TABLE absences;
DROP TABLE reprints;
DROP TABLE custody_steps;
DROP TABLE bundle_vouchers;
DROP TABLE bundles;
