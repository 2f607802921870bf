-- Who may read: API tokens, one-time sign-in links, sessions of the site. Times are microseconds
-- since 1970. No secret is kept: each is looked up by its SHA-256.

-- For programs.
create table api_tokens (
    id         bytea primary key,            -- UUID, to revoke by
    digest     bytea not null unique,        -- SHA-256 of the token
    role       text not null,
    name       text not null,                 -- what the operator calls it
    created_at bigint not null,
    expires_at bigint,                         -- null: never
    revoked_at bigint
);

-- Single use: following a link deletes it.
create table sign_in_links (
    digest     bytea primary key,
    role       text not null,
    account    text not null,
    expires_at bigint not null
);

-- Of people, after they signed in.
create table sessions (
    digest     bytea primary key,            -- SHA-256 of the cookie
    role       text not null,
    account    text not null,
    created_at bigint not null,
    seen_at    bigint not null,
    expires_at bigint not null
);
