-- The list of households from the file to the decree, and the frame of the programme as it changes.

-- The official list of villages, and what people write for them. A pair as written, folded, leads to a code;
-- an empty village means the sub-district alone.
CREATE TABLE places (
    agency_id BLOB NOT NULL REFERENCES agencies (id),
    code TEXT NOT NULL,
    village TEXT NOT NULL,
    sub_district TEXT NOT NULL,
    village_folded TEXT NOT NULL,
    sub_district_folded TEXT NOT NULL,
    PRIMARY KEY (agency_id, code)
);
CREATE TABLE place_aliases (
    agency_id BLOB NOT NULL REFERENCES agencies (id),
    sub_district_folded TEXT NOT NULL,
    village_folded TEXT NOT NULL,
    sub_district_written TEXT NOT NULL,
    village_written TEXT NOT NULL,
    code TEXT NOT NULL,
    confirmed_by BLOB NOT NULL REFERENCES users (id),
    confirmed_at BIGINT NOT NULL,
    PRIMARY KEY (agency_id, sub_district_folded, village_folded)
);

-- A file whose columns somebody has to point out first. It is sealed, and gone when it was read.
CREATE TABLE parked_uploads (
    id BLOB NOT NULL PRIMARY KEY,
    programme_id BLOB NOT NULL REFERENCES programmes (id),
    file_name TEXT NOT NULL,
    file_sealed BLOB NOT NULL,
    parked_by BLOB NOT NULL REFERENCES users (id),
    parked_at BIGINT NOT NULL
);
ALTER TABLE intakes ADD COLUMN sheet TEXT NOT NULL DEFAULT '';
ALTER TABLE intakes ADD COLUMN members_left_out BIGINT NOT NULL DEFAULT 0;
-- The headings of the cells that its rows keep, as JSON, and in which village each row is.
ALTER TABLE intakes ADD COLUMN headings TEXT NOT NULL DEFAULT '[]';
ALTER TABLE intake_rows ADD COLUMN village TEXT NOT NULL DEFAULT '';

-- Households as they were after each intake, sealed, so that the history of one can be read.
CREATE TABLE household_versions (
    id BLOB NOT NULL PRIMARY KEY,
    household_id BLOB NOT NULL REFERENCES households (id),
    intake_id BLOB NOT NULL REFERENCES intakes (id),
    row_number INTEGER NOT NULL,
    particulars_sealed BLOB NOT NULL,
    changed_by BLOB NOT NULL REFERENCES users (id),
    changed_at BIGINT NOT NULL
);
CREATE INDEX household_versions_of ON household_versions (household_id, id);

-- Search: every folded word of a name, the keyed digest of a NIK's tail, the folded village.
ALTER TABLE households ADD COLUMN nik_tail_index BLOB;
ALTER TABLE households ADD COLUMN village_folded TEXT NOT NULL DEFAULT '';
CREATE INDEX households_by_nik_tail ON households (agency_id, nik_tail_index, id);
CREATE INDEX households_by_village ON households (agency_id, village_folded, name_folded, id);
DROP INDEX households_by_name;
CREATE INDEX households_by_name ON households (agency_id, name_folded, id);
CREATE TABLE household_words (
    agency_id BLOB NOT NULL REFERENCES agencies (id),
    word TEXT NOT NULL,
    household_id BLOB NOT NULL REFERENCES households (id),
    PRIMARY KEY (agency_id, word, household_id)
) WITHOUT ROWID;
CREATE INDEX household_words_of ON household_words (household_id, word);

-- Verification and validation. A decision is never changed: the newest counts, and stands in beneficiaries too.
ALTER TABLE beneficiaries ADD COLUMN desk_no INTEGER NOT NULL DEFAULT 1;
ALTER TABLE beneficiaries ADD COLUMN placed_by_hand BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE beneficiaries ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE beneficiaries ADD COLUMN evidence TEXT NOT NULL DEFAULT '';
CREATE TABLE decisions (
    id BLOB NOT NULL PRIMARY KEY,
    programme_id BLOB NOT NULL REFERENCES programmes (id),
    household_id BLOB NOT NULL REFERENCES households (id),
    standing TEXT NOT NULL,
    reason TEXT NOT NULL,
    evidence TEXT NOT NULL,
    intake_id BLOB REFERENCES intakes (id),
    decided_by BLOB NOT NULL REFERENCES users (id),
    decided_at BIGINT NOT NULL
);
CREATE INDEX decisions_on ON decisions (household_id, id);
CREATE TABLE suspicions (
    id BLOB NOT NULL PRIMARY KEY,
    programme_id BLOB NOT NULL REFERENCES programmes (id),
    kind TEXT NOT NULL,
    household_id BLOB NOT NULL REFERENCES households (id),
    other_id BLOB NOT NULL REFERENCES households (id),
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    found_at BIGINT NOT NULL,
    decided_by BLOB REFERENCES users (id),
    decided_at BIGINT,
    UNIQUE (programme_id, household_id, other_id, kind)
);
CREATE TABLE substitutions (
    id BLOB NOT NULL PRIMARY KEY,
    programme_id BLOB NOT NULL REFERENCES programmes (id),
    old_household_id BLOB NOT NULL REFERENCES households (id),
    new_household_id BLOB NOT NULL REFERENCES households (id),
    reason TEXT NOT NULL,
    statement_no TEXT NOT NULL,
    statement_date TEXT NOT NULL,
    note TEXT NOT NULL,
    state TEXT NOT NULL,
    proposed_by BLOB NOT NULL REFERENCES users (id),
    proposed_at BIGINT NOT NULL,
    decided_by BLOB REFERENCES users (id),
    decided_at BIGINT
);
CREATE INDEX substitutions_in ON substitutions (programme_id, id);

-- The list as a decree fixed it. A later decree makes a further version; nothing is taken from an older one.
CREATE TABLE lists (
    id BLOB NOT NULL PRIMARY KEY,
    programme_id BLOB NOT NULL REFERENCES programmes (id),
    number INTEGER NOT NULL,
    decree_no TEXT NOT NULL,
    decree_date TEXT NOT NULL,
    households BIGINT NOT NULL,
    fixed_by BLOB NOT NULL REFERENCES users (id),
    fixed_at BIGINT NOT NULL,
    UNIQUE (programme_id, number)
);
CREATE TABLE list_members (
    list_id BLOB NOT NULL REFERENCES lists (id),
    household_id BLOB NOT NULL REFERENCES households (id),
    point_id BLOB REFERENCES points (id),
    PRIMARY KEY (list_id, household_id)
);

-- The frame: revisions of the ceiling, what a point offers and whom it serves, windows and pauses.
CREATE TABLE budget_revisions (
    programme_id BLOB NOT NULL REFERENCES programmes (id),
    number INTEGER NOT NULL,
    ceiling_minor BIGINT NOT NULL,
    document_no TEXT NOT NULL,
    document_date TEXT,
    reason TEXT NOT NULL,
    revised_by BLOB NOT NULL REFERENCES users (id),
    revised_at BIGINT NOT NULL,
    PRIMARY KEY (programme_id, number)
);
ALTER TABLE points ADD COLUMN desks INTEGER NOT NULL DEFAULT 1;
ALTER TABLE points ADD COLUMN session_size INTEGER NOT NULL DEFAULT 40;
ALTER TABLE points ADD COLUMN paused_reason TEXT;
CREATE TABLE point_villages (
    point_id BLOB NOT NULL REFERENCES points (id),
    village_code TEXT NOT NULL,
    PRIMARY KEY (point_id, village_code)
);
CREATE TABLE point_windows (
    round_id BLOB NOT NULL REFERENCES rounds (id),
    point_id BLOB NOT NULL REFERENCES points (id),
    opens_at BIGINT NOT NULL,
    closes_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    set_by BLOB NOT NULL REFERENCES users (id),
    set_at BIGINT NOT NULL,
    PRIMARY KEY (round_id, point_id)
);
CREATE TABLE pauses (
    id BLOB NOT NULL PRIMARY KEY,
    agency_id BLOB NOT NULL REFERENCES agencies (id),
    scope TEXT NOT NULL,
    object_id BLOB NOT NULL,
    letter_no TEXT NOT NULL,
    reason TEXT NOT NULL,
    paused_by BLOB NOT NULL REFERENCES users (id),
    paused_at BIGINT NOT NULL,
    resumed_letter_no TEXT,
    resumed_by BLOB REFERENCES users (id),
    resumed_at BIGINT
);
CREATE INDEX pauses_of ON pauses (object_id, id);
-- What was done to one thing: the history of a household asks for its entitlements.
CREATE INDEX audit_of ON audit (object, id);
ALTER TABLE entitlements ADD COLUMN desk_no INTEGER NOT NULL DEFAULT 1;
