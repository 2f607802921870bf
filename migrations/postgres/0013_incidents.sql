-- What the watch found: one open incident per cause, scope and clinic, whichever instance saw it first.
-- Times are microseconds since 1970. No person, patient or token is named here.
create table incidents (
    number       bigint generated always as identity primary key,
    cause        text not null,
    scope        text not null,
    clinic       text not null,               -- '' where it is no single clinic's
    state        text not null,
    category     text,
    operation    text,
    confidence   smallint not null,            -- in hundredths
    since        bigint not null,
    opened_at    bigint not null,
    last_seen    bigint not null,
    closed_at    bigint,
    ending       text,
    peak_clinics bigint not null,
    peak_actors  bigint,
    peak_calls   bigint not null
);
create unique index incidents_open on incidents (cause, scope, clinic) where closed_at is null;
create index incidents_by_close on incidents (closed_at);

create table incident_updates (
    number  bigint not null,
    at      bigint not null,
    kind    text not null,
    clinics bigint not null,
    primary key (number, at, kind)
);
