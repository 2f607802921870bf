-- People who sign in with a name and a passphrase. Times are microseconds since 1970.

-- Nobody's row goes, so that the audit, which names accounts by number, stays readable.
create table accounts (
    number          integer primary key,
    name            text not null unique,
    role            text not null,
    passphrase_hash text,                     -- argon2id as a PHC string; null: not set
    version         integer not null,         -- one more with each change by an administrator
    created_at      integer not null,
    changed_at      integer not null,
    signed_in_at    integer,                  -- the last time
    failed          integer not null,         -- sign-ins that failed since then
    disabled_at     integer,                  -- null: may sign in
    removed_at      integer                   -- null: not removed
) strict;

-- Browsers from which somebody has signed in: guessing elsewhere does not make them wait.
create table known_browsers (
    digest     blob primary key,              -- SHA-256 of the cookie
    account    text not null,
    expires_at integer not null
) strict;

-- What a link does: sign in, let an account set its passphrase, or make the first administrator.
alter table sign_in_links add column purpose text not null default 'sign_in';

-- Whether a session is an account's, and ends with it.
alter table sessions add column of_account integer not null default 0;
