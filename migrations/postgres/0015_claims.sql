-- What several instances decide together. Times are microseconds since 1970.

-- Writes with an Idempotency-Key: the first claim of a key wins. No key and no request can be read
-- here: keys are digests of keyed references, requests are digests and keyed digests.
create table write_claims (
    key        bytea primary key,
    coarse     bytea not null,               -- of what the audit keeps of the request
    fine       bytea not null,               -- of target and body, keyed
    event      bytea not null,               -- UUID of the call that holds the claim
    fate       smallint not null,            -- 0 under way, 1 applied, 2 unknown
    status     smallint,                     -- what Accuro said
    claimed_at bigint not null,
    fated_at   bigint not null,              -- when its fate was known
    expires_at bigint not null
);
create index write_claims_by_expiry on write_claims (expires_at);

-- What people switched on the site, for every instance.
create table switches (
    name  text primary key,
    is_on smallint not null,
    since bigint not null
);
