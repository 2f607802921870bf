-- Links that show the adoption page to somebody without an account. A row that has ended goes with what else
-- people got in with.
create table shares (
    number     integer primary key,
    digest     blob not null unique,     -- SHA-256 of the link's secret
    account    text not null,            -- who made it
    of_account integer not null,         -- whether that is an account of this installation
    token      blob,                     -- the API token that its maker had signed in with
    clinics    text,                     -- what the maker saw; null: all
    week       text,                     -- the week that it shows; null: the last one that is over
    created_at integer not null,
    expires_at integer not null,
    revoked_at integer,
    opened_at  integer                   -- the last opening that was kept in the audit
) strict;

-- The weekly letters about adoption: one row a week that was reported.
create table digests (
    week          text primary key,
    tries         integer not null,
    claimed_until integer not null,      -- nobody else tries before that
    sent_at       integer,
    failed_at     integer,
    failure       text                   -- why the last try failed, of a fixed list
) strict;
