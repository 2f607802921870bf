-- Diagnoses as they were given, what people said about them, and who waits for which to be over. Times
-- are microseconds since 1970. Questions and pictures hold references, never identifiers.

create table diagnoses (
    id             text primary key,        -- 120 random bits, base 32
    asked_at       integer not null,
    asked_by       text,                    -- the account; null where sign-in is off
    clinic         text,
    cause          text not null,
    question       text not null,           -- JSON
    answer         text not null,           -- JSON, as the API gives it
    picture        text not null,           -- JSON: whom it is about, and when what worked
    recorded_until integer                  -- how far the store was when it was given
) strict;
create index diagnoses_by_age on diagnoses (asked_at);
create index diagnoses_by_account on diagnoses (asked_by, asked_at);

-- One answer to "was this right?" for each person.
create table diagnosis_feedback (
    diagnosis text not null,
    account   text not null,                -- empty where sign-in is off
    said_at   integer not null,
    cause     text not null,                -- what the diagnosis had said
    is_right  integer not null,
    was       text,                         -- of a fixed list: what it was instead
    primary key (diagnosis, account)
) strict, without rowid;
create index diagnosis_feedback_by_cause on diagnosis_feedback (cause);
create index diagnosis_feedback_by_age on diagnosis_feedback (said_at);

-- Who wants to know when it works.
create table diagnosis_watches (
    diagnosis text not null,
    account   text not null,
    since     integer not null,
    works_at  integer,                      -- the call that worked; null while there is none
    primary key (diagnosis, account)
) strict, without rowid;
create index diagnosis_watches_by_age on diagnosis_watches (since);
create index diagnosis_watches_by_account on diagnosis_watches (account);
