-- What the watch found: one open incident per cause, scope and clinic, whichever instance saw it first.
-- Times are microseconds since 1970. No person, patient or token is named here.
create table incidents (
    number       integer primary key autoincrement,
    cause        text not null,
    scope        text not null,
    clinic       text not null,               -- '' where it is no single clinic's
    state        text not null,
    category     text,
    operation    text,
    confidence   integer not null,            -- in hundredths
    since        integer not null,
    opened_at    integer not null,
    last_seen    integer not null,
    closed_at    integer,
    ending       text,
    peak_clinics integer not null,
    peak_actors  integer,
    peak_calls   integer not null
) strict;
create unique index incidents_open on incidents (cause, scope, clinic) where closed_at is null;
create index incidents_by_close on incidents (closed_at);

create table incident_updates (
    number  integer not null,
    at      integer not null,
    kind    text not null,
    clinics integer not null,
    primary key (number, at, kind)
) strict, without rowid;
