-- Links that show the adoption page to somebody without an account. A row that has ended goes with what else
-- people got in with.
create table shares (
    number     bigint primary key,
    digest     bytea not null unique,    -- SHA-256 of the link's secret
    account    text not null,            -- who made it
    of_account smallint not null,        -- whether that is an account of this installation
    token      bytea,                    -- the API token that its maker had signed in with
    clinics    text,                     -- what the maker saw; null: all
    week       text,                     -- the week that it shows; null: the last one that is over
    created_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint,
    opened_at  bigint                    -- the last opening that was kept in the audit
);

-- The weekly letters about adoption: one row a week that was reported.
create table digests (
    week          text primary key,
    tries         bigint not null,
    claimed_until bigint not null,       -- nobody else tries before that
    sent_at       bigint,
    failed_at     bigint,
    failure       text                   -- why the last try failed, of a fixed list
);
