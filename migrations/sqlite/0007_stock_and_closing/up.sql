-- Goods, what is paid for them, and the periods that close over both. Quantities are whole base units of an
-- item (grams, millilitres, pieces). A place without a point is the warehouse. What is left at a place is
-- nowhere kept: it is counted from what lies here and from the redemptions.

CREATE TABLE contracts (
    id BLOB NOT NULL PRIMARY KEY,
    programme_id BLOB NOT NULL REFERENCES programmes (id),
    number TEXT NOT NULL,
    supplier TEXT NOT NULL,
    signed_on TEXT NOT NULL,
    price_evidence TEXT NOT NULL,
    made_by BLOB NOT NULL REFERENCES users (id),
    made_at BIGINT NOT NULL,
    UNIQUE (programme_id, number)
);
CREATE TABLE contract_lines (
    contract_id BLOB NOT NULL REFERENCES contracts (id),
    item TEXT NOT NULL,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    pack_name TEXT NOT NULL,
    pack_size BIGINT NOT NULL,
    pack_price_minor BIGINT NOT NULL,
    PRIMARY KEY (contract_id, item)
);

-- What a supplier brought, as it was counted.
CREATE TABLE deliveries (
    id BLOB NOT NULL PRIMARY KEY,
    contract_id BLOB NOT NULL REFERENCES contracts (id),
    document_no TEXT NOT NULL,
    delivered_on TEXT NOT NULL,
    received_by BLOB NOT NULL REFERENCES users (id),
    received_at BIGINT NOT NULL,
    UNIQUE (contract_id, document_no)
);
CREATE TABLE delivery_lines (
    delivery_id BLOB NOT NULL REFERENCES deliveries (id),
    item TEXT NOT NULL,
    good BIGINT NOT NULL,
    damaged BIGINT NOT NULL,
    short BIGINT NOT NULL,
    PRIMARY KEY (delivery_id, item)
);
CREATE TABLE delivery_samples (
    delivery_id BLOB NOT NULL REFERENCES deliveries (id),
    position INTEGER NOT NULL,
    item TEXT NOT NULL,
    labelled BIGINT NOT NULL,
    found BIGINT NOT NULL,
    condition TEXT NOT NULL,
    decision TEXT NOT NULL,
    PRIMARY KEY (delivery_id, position)
);

-- Carried from a place to a place (surat jalan); counted at the other end before anybody signs.
CREATE TABLE shipments (
    id BLOB NOT NULL PRIMARY KEY,
    programme_id BLOB NOT NULL REFERENCES programmes (id),
    round_id BLOB NOT NULL REFERENCES rounds (id),
    number INTEGER NOT NULL,
    from_point_id BLOB REFERENCES points (id),
    to_point_id BLOB REFERENCES points (id),
    vehicle TEXT NOT NULL,
    driver TEXT NOT NULL,
    seal TEXT NOT NULL,
    note TEXT NOT NULL,
    sent_by BLOB NOT NULL REFERENCES users (id),
    sent_at BIGINT NOT NULL,
    receipt_note TEXT NOT NULL,
    received_by BLOB REFERENCES users (id),
    received_at BIGINT,
    UNIQUE (round_id, number)
);
CREATE INDEX shipments_of ON shipments (programme_id, id);
CREATE TABLE shipment_lines (
    shipment_id BLOB NOT NULL REFERENCES shipments (id),
    item TEXT NOT NULL,
    sent BIGINT NOT NULL,
    good BIGINT NOT NULL,
    damaged BIGINT NOT NULL,
    PRIMARY KEY (shipment_id, item)
);

-- Damage, loss, return to a supplier, correction. A correction counts once a second person agreed.
CREATE TABLE stock_entries (
    id BLOB NOT NULL PRIMARY KEY,
    programme_id BLOB NOT NULL REFERENCES programmes (id),
    round_id BLOB NOT NULL REFERENCES rounds (id),
    point_id BLOB REFERENCES points (id),
    item TEXT NOT NULL,
    kind TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    reason TEXT NOT NULL,
    made_by BLOB NOT NULL REFERENCES users (id),
    made_at BIGINT NOT NULL,
    agreed_by BLOB REFERENCES users (id),
    agreed_at BIGINT
);
CREATE INDEX stock_entries_of ON stock_entries (programme_id, id);

-- What somebody counted, and what the books said at that moment.
CREATE TABLE stock_counts (
    id BLOB NOT NULL PRIMARY KEY,
    programme_id BLOB NOT NULL REFERENCES programmes (id),
    round_id BLOB NOT NULL REFERENCES rounds (id),
    point_id BLOB REFERENCES points (id),
    item TEXT NOT NULL,
    counted BIGINT NOT NULL,
    computed BIGINT NOT NULL,
    note TEXT NOT NULL,
    counted_by BLOB NOT NULL REFERENCES users (id),
    counted_at BIGINT NOT NULL
);
CREATE INDEX stock_counts_of ON stock_counts (programme_id, id);

-- What suppliers ask for, and what the treasury paid (SP2D). A delivery is billed once, an invoice entered once.
CREATE TABLE invoices (
    id BLOB NOT NULL PRIMARY KEY,
    contract_id BLOB NOT NULL REFERENCES contracts (id),
    number TEXT NOT NULL,
    number_key TEXT NOT NULL,
    dated_on TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    made_by BLOB NOT NULL REFERENCES users (id),
    made_at BIGINT NOT NULL,
    UNIQUE (contract_id, number_key)
);
CREATE TABLE invoice_deliveries (
    delivery_id BLOB NOT NULL PRIMARY KEY REFERENCES deliveries (id),
    invoice_id BLOB NOT NULL REFERENCES invoices (id)
);
CREATE INDEX invoice_deliveries_of ON invoice_deliveries (invoice_id);
CREATE TABLE payments (
    id BLOB NOT NULL PRIMARY KEY,
    programme_id BLOB NOT NULL REFERENCES programmes (id),
    sp2d_no TEXT NOT NULL,
    sp2d_key TEXT NOT NULL,
    paid_on TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    payee TEXT NOT NULL,
    invoice_no TEXT NOT NULL,
    invoice_id BLOB REFERENCES invoices (id),
    file_name TEXT NOT NULL,
    imported_by BLOB NOT NULL REFERENCES users (id),
    imported_at BIGINT NOT NULL,
    matched_by BLOB REFERENCES users (id),
    matched_at BIGINT,
    UNIQUE (programme_id, sp2d_key)
);

-- A period that closed, with its figures as they were. Number 0 of a scope is the close, 1, 2, 3 … its addenda.
CREATE TABLE closings (
    id BLOB NOT NULL PRIMARY KEY,
    round_id BLOB NOT NULL REFERENCES rounds (id),
    point_id BLOB REFERENCES points (id),
    day TEXT,
    scope TEXT NOT NULL,
    addendum_no INTEGER NOT NULL,
    serial INTEGER NOT NULL,
    number TEXT NOT NULL,
    state TEXT NOT NULL,
    cut_off BIGINT NOT NULL,
    figures TEXT NOT NULL,
    hash BLOB NOT NULL,
    reason TEXT NOT NULL,
    made_by BLOB NOT NULL REFERENCES users (id),
    made_at BIGINT NOT NULL,
    signed_by BLOB REFERENCES users (id),
    signed_at BIGINT,
    UNIQUE (round_id, scope, addendum_no)
);

-- Uji petik: who was drawn, by which seed, and what was found at their doors.
CREATE TABLE spot_checks (
    id BLOB NOT NULL PRIMARY KEY,
    round_id BLOB NOT NULL REFERENCES rounds (id),
    seed TEXT NOT NULL,
    population BIGINT NOT NULL,
    size INTEGER NOT NULL,
    drawn_by BLOB NOT NULL REFERENCES users (id),
    drawn_at BIGINT NOT NULL
);
CREATE INDEX spot_checks_in ON spot_checks (round_id, id);
CREATE TABLE spot_check_lines (
    spot_check_id BLOB NOT NULL REFERENCES spot_checks (id),
    position INTEGER NOT NULL,
    entitlement_id BLOB NOT NULL REFERENCES entitlements (id),
    found TEXT NOT NULL,
    note TEXT NOT NULL,
    entered_by BLOB REFERENCES users (id),
    entered_at BIGINT,
    PRIMARY KEY (spot_check_id, position)
);
