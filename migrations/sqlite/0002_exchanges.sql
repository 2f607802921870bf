-- One row for every exchange that went through the proxy: the event of the contract, section 5.
--
-- No column holds text from a request or an answer. Columns that end in `_label` are ids of
-- `labels`; the view `exchange` shows them as text. Times are microseconds since 1970, UTC.
-- 64-bit numbers without a sign are kept as their two's complement.
create table exchanges (
    seq               integer primary key,       -- order of indexing; never shown
    id                blob    not null unique,   -- UUID; makes indexing and import idempotent
    ts                integer not null,
    env_label         integer not null,
    clinic_label      integer,
    app_label         integer,
    context_label     integer not null,
    operation_label   integer not null,
    domain_label      integer not null,
    method_label      integer not null,
    route_label       integer not null,
    api_version       integer,
    mutation          integer not null,          -- 0 or 1
    status            integer not null,
    upstream_status   integer,
    ending_label      integer,                   -- the reason, or 'aborted'; null: it worked
    result_count      integer,
    duration_us       integer not null,
    upstream_us       integer,
    attempts          integer not null,
    source_label      integer not null,
    actor_key_label   integer,                   -- the key that the reference was made under
    actor_ref         blob,                      -- its 17 bytes
    patient_key_label integer,
    patient_ref       blob,
    token_key_label   integer,
    token_ref         blob,
    office            integer,
    scopes_label      integer,                   -- the granted scopes, joined by spaces
    shape             integer,
    error_signature   integer,
    request_id        blob,                      -- null: the event's own id; see request_id.rs
    trace_id          blob,                      -- null: the event's own id
    span_id           integer not null,
    support_code      integer not null,          -- its 40 bits
    bytes_in          integer not null,
    bytes_out         integer not null,
    instance_label    integer not null
) strict;

-- The explorer without a filter, exports, retention.
create index exchanges_by_ts on exchanges (ts);
-- "What happened at this clinic lately?"
create index exchanges_by_clinic on exchanges (clinic_label, ts);
-- "When did this last work there?"
create index exchanges_by_operation on exchanges (clinic_label, operation_label, ts);
-- "What else did this person, this patient's chart meet?" Eight of a reference's 17 bytes tell two
-- references apart for all practical purposes; the query compares the rest.
create index exchanges_by_actor on exchanges (substr(actor_ref, 1, 8), ts) where actor_ref is not null;
create index exchanges_by_patient on exchanges (substr(patient_ref, 1, 8), ts) where patient_ref is not null;
-- "Was it the session?" Tokens live for hours, so this index also answers by time.
create index exchanges_by_token on exchanges (substr(token_ref, 1, 8), ts) where token_ref is not null;
-- Support has a code, a request id or a trace id on the phone. The last eight bytes of an id are
-- its random ones: version 7 UUIDs begin with the time.
create index exchanges_by_support_code on exchanges (support_code);
create index exchanges_by_request_id on exchanges (substr(request_id, -8)) where request_id is not null;
create index exchanges_by_trace_id on exchanges (substr(trace_id, -8)) where trace_id is not null;
-- Failures are few, and most questions are about them.
create index exchanges_by_ending on exchanges (ending_label, ts) where ending_label is not null;

-- The same rows for people who query with SQL: texts for labels, hexadecimal for bytes.
create view exchange as
select
    lower(hex(e.id)) as id,
    strftime('%Y-%m-%dT%H:%M:%S', e.ts / 1000000, 'unixepoch') || printf('.%06dZ', e.ts % 1000000) as ts,
    env.text as env, clinic.text as clinic, app.text as app, context.text as context,
    operation.text as operation, domain.text as domain, method.text as method, route.text as route,
    e.api_version, e.mutation, e.status, e.upstream_status,
    case
        when ending.text is null then 'ok'
        when ending.text = 'empty_result' then 'empty'
        when ending.text = 'aborted' then 'aborted'
        else 'failed'
    end as outcome,
    case when ending.text = 'aborted' then null else ending.text end as reason,
    e.result_count, e.duration_us, e.upstream_us, e.attempts, source.text as source,
    actor_key.text as actor_key, lower(hex(e.actor_ref)) as actor_ref,
    patient_key.text as patient_key, lower(hex(e.patient_ref)) as patient_ref,
    token_key.text as token_key, lower(hex(e.token_ref)) as token_ref,
    e.office, scopes.text as scopes, e.shape, e.error_signature, e.support_code,
    e.bytes_in, e.bytes_out, instance.text as instance
from exchanges e
join labels env on env.id = e.env_label
left join labels clinic on clinic.id = e.clinic_label
left join labels app on app.id = e.app_label
join labels context on context.id = e.context_label
join labels operation on operation.id = e.operation_label
join labels domain on domain.id = e.domain_label
join labels method on method.id = e.method_label
join labels route on route.id = e.route_label
left join labels ending on ending.id = e.ending_label
join labels source on source.id = e.source_label
left join labels actor_key on actor_key.id = e.actor_key_label
left join labels patient_key on patient_key.id = e.patient_key_label
left join labels token_key on token_key.id = e.token_key_label
left join labels scopes on scopes.id = e.scopes_label
join labels instance on instance.id = e.instance_label;
