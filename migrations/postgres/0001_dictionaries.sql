-- What rows repeat, kept once. Nothing here is about a person, so nothing is ever deleted, and what
-- was read may be cached for ever.

-- Names: clinics, operations, reasons and others that indices and roll-ups need as numbers.
create table labels (
    id   integer generated always as identity primary key,
    text text not null unique
);

-- Everything about an exchange that many have in common. A deployment has some thousands of kinds;
-- a row of `exchanges` names one in two bytes instead of these columns.
create table kinds (
    id              integer generated always as identity primary key,
    digest          bytea not null unique,     -- of the columns below; see kind.rs
    env             text not null,
    app             text,
    context         text not null,
    operation       text not null,
    domain          text not null,
    method          text not null,
    route           text not null,
    api_version     smallint,
    mutation        smallint not null,        -- 0 or 1
    status          integer not null,
    upstream_status integer,
    outcome         text not null,
    category        text,                    -- null, like the reason: it worked
    reason          text,
    attempts        integer not null,
    source          text not null,
    actor_key       text,                    -- the keys that the row's references were made under
    patient_key     text,
    token_key       text,
    scopes          text,                    -- the granted scopes, joined by spaces
    instance        text not null
);
