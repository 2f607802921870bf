-- Who may read: API tokens, one-time sign-in links, sessions of the site. Times are microseconds
-- since 1970. No secret is kept: each is looked up by its SHA-256.

-- For programs.
create table api_tokens (
    id         blob primary key,            -- UUID, to revoke by
    digest     blob not null unique,        -- SHA-256 of the token
    role       text not null,
    name       text not null,                 -- what the operator calls it
    created_at integer not null,
    expires_at integer,                         -- null: never
    revoked_at integer
) strict;

-- Single use: following a link deletes it.
create table sign_in_links (
    digest     blob primary key,
    role       text not null,
    account    text not null,
    expires_at integer not null
) strict;

-- Of people, after they signed in.
create table sessions (
    digest     blob primary key,            -- SHA-256 of the cookie
    role       text not null,
    account    text not null,
    created_at integer not null,
    seen_at    integer not null,
    expires_at integer not null
) strict;
