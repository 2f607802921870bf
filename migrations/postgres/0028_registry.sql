-- Clinics, apps and keys that were entered on the site. Times and stamps are microseconds since 1970.

create table registry_entries (
    kind    text not null,               -- clinic, app, key
    id      text not null,               -- of a key: app/key
    number  bigint not null unique,     -- in the audit; given once
    version bigint not null,            -- the stamp of the entry's last change
    body    text not null,               -- the entry as the settings file would have it; of a key its digest
    primary key (kind, id)
);

-- One row, so that whoever changes an entry has seen all others as they are.
create table registry_state (
    id          bigint primary key,     -- 1
    stamp       bigint not null,        -- of the last change; larger than the one before
    last_number bigint not null
);
insert into registry_state (id, stamp, last_number) values (1, 0, 0);

-- When any instance last saw a key of an app.
create table app_key_uses (
    digest  bytea primary key,            -- SHA-256 of the key
    used_at bigint not null
);
