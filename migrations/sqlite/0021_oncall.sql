-- What Alertmanager told of, what people noted about incidents, and what was posted elsewhere. Times are
-- microseconds since 1970. No person, patient or token of a clinic is named here, and no free text is kept.

create table alerts (
    fingerprint   integer not null,        -- of the alert's labels, as Alertmanager computes it
    starts_at     integer not null,
    ends_at       integer,                 -- null while it fires
    name          text not null,
    clinic        text,
    severity      text not null,
    category      text,
    first_told_at integer not null,
    told_at       integer not null,
    primary key (fingerprint, starts_at)
) strict, without rowid;
create index alerts_by_time on alerts (told_at);

-- What somebody did about an incident, of a fixed list.
create table incident_notes (
    number  integer not null,
    at      integer not null,
    note    text not null,
    account text not null,                 -- empty where sign-in is off
    primary key (number, at, note, account)
) strict, without rowid;

-- Which steps of which incident were posted to the webhook; whoever writes the row posts.
create table incident_posts (
    number    integer not null,
    at        integer not null,
    kind      text not null,
    posted_at integer not null,
    primary key (number, at, kind)
) strict, without rowid;
