-- An invoice that is wrong is withdrawn by two persons. It stays, with who asked, why, and who decided; the
-- deliveries that it billed can be billed again, and stand beside it in a table of their own.
CREATE TABLE invoice_withdrawals (
    id BLOB NOT NULL PRIMARY KEY,
    invoice_id BLOB NOT NULL REFERENCES invoices (id),
    reason TEXT NOT NULL,
    asked_by BLOB NOT NULL REFERENCES users (id),
    asked_at BIGINT NOT NULL,
    agreed BOOLEAN,
    decided_by BLOB REFERENCES users (id),
    decided_at BIGINT
);
CREATE INDEX invoice_withdrawals_of ON invoice_withdrawals (invoice_id, id);
CREATE UNIQUE INDEX invoice_withdrawals_waiting ON invoice_withdrawals (invoice_id) WHERE decided_at IS NULL;
CREATE TABLE withdrawn_deliveries (
    invoice_id BLOB NOT NULL REFERENCES invoices (id),
    delivery_id BLOB NOT NULL REFERENCES deliveries (id),
    PRIMARY KEY (invoice_id, delivery_id)
);
