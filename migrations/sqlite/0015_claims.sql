-- What several instances decide together. Times are microseconds since 1970.

-- Writes with an Idempotency-Key: the first claim of a key wins. No key and no request can be read
-- here: keys are digests of keyed references, requests are digests and keyed digests.
create table write_claims (
    key        blob primary key,
    coarse     blob not null,               -- of what the audit keeps of the request
    fine       blob not null,               -- of target and body, keyed
    event      blob not null,               -- UUID of the call that holds the claim
    fate       integer not null,            -- 0 under way, 1 applied, 2 unknown
    status     integer,                     -- what Accuro said
    claimed_at integer not null,
    fated_at   integer not null,              -- when its fate was known
    expires_at integer not null
) strict;
create index write_claims_by_expiry on write_claims (expires_at);

-- What people switched on the site, for every instance.
create table switches (
    name  text primary key,
    is_on integer not null,
    since integer not null
) strict;
