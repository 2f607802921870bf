-- People who sign in with a name and a passphrase. Times are microseconds since 1970.

-- Nobody's row goes, so that the audit, which names accounts by number, stays readable.
create table accounts (
    number          bigint primary key,
    name            text not null unique,
    role            text not null,
    passphrase_hash text,                     -- argon2id as a PHC string; null: not set
    version         bigint not null,          -- one more with each change by an administrator
    created_at      bigint not null,
    changed_at      bigint not null,
    signed_in_at    bigint,                   -- the last time
    failed          bigint not null,          -- sign-ins that failed since then
    disabled_at     bigint,                   -- null: may sign in
    removed_at      bigint                    -- null: not removed
);

-- Browsers from which somebody has signed in: guessing elsewhere does not make them wait.
create table known_browsers (
    digest     bytea primary key,             -- SHA-256 of the cookie
    account    text not null,
    expires_at bigint not null
);

-- What a link does: sign in, let an account set its passphrase, or make the first administrator.
alter table sign_in_links add column purpose text not null default 'sign_in';

-- Whether a session is an account's, and ends with it.
alter table sessions add column of_account smallint not null default 0;
