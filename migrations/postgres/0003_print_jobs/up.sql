-- Print runs too long to wait for: what is to be printed, how far it is, and which server works on it.
CREATE TABLE print_jobs (
    id BYTEA NOT NULL PRIMARY KEY,
    agency_id BYTEA NOT NULL REFERENCES agencies (id),
    round_id BYTEA NOT NULL REFERENCES rounds (id),
    requested_by BYTEA NOT NULL REFERENCES users (id),
    point_code TEXT,
    layout TEXT NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    total BIGINT NOT NULL,
    done BIGINT NOT NULL,
    parts INTEGER NOT NULL,
    after_id BYTEA,
    after_serial BIGINT NOT NULL,
    reason TEXT,
    runner BYTEA,
    beat_at BIGINT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX print_jobs_by_state ON print_jobs (state, id);
CREATE INDEX print_jobs_of_round ON print_jobs (round_id, id);
