-- Print runs too long to wait for: what is to be printed, how far it is, and which server works on it.
CREATE TABLE print_jobs (
    id BLOB NOT NULL PRIMARY KEY,
    agency_id BLOB NOT NULL REFERENCES agencies (id),
    round_id BLOB NOT NULL REFERENCES rounds (id),
    requested_by BLOB NOT NULL REFERENCES users (id),
    point_code TEXT,
    layout TEXT NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    total BIGINT NOT NULL,
    done BIGINT NOT NULL,
    parts INTEGER NOT NULL,
    after_id BLOB,
    after_serial BIGINT NOT NULL,
    reason TEXT,
    runner BLOB,
    beat_at BIGINT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX print_jobs_by_state ON print_jobs (state, id);
CREATE INDEX print_jobs_of_round ON print_jobs (round_id, id);
