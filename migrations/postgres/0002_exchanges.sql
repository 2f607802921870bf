-- One row for every exchange that went through the proxy: the event of the contract, section 5.
--
-- No column holds text from a request or an answer. Columns that end in `_label` are ids of
-- `labels`; the view `exchange` shows them as text. Times are microseconds since 1970, UTC.
-- 64-bit numbers without a sign are kept as their two's complement. Wide columns come first, so
-- that a row has no holes for alignment.
create table exchanges (
    ts                bigint   not null,
    duration_us       bigint   not null,
    upstream_us       bigint,
    result_count      bigint,
    shape             bigint,
    error_signature   bigint,
    span_id           bigint   not null,
    support_code      bigint   not null,         -- its 40 bits
    bytes_in          bigint   not null,
    bytes_out         bigint   not null,
    env_label         integer  not null,
    clinic_label      integer,
    app_label         integer,
    context_label     integer  not null,
    operation_label   integer  not null,
    domain_label      integer  not null,
    method_label      integer  not null,
    route_label       integer  not null,
    ending_label      integer,                   -- the reason, or 'aborted'; null: it worked
    source_label      integer  not null,
    actor_key_label   integer,                   -- the key that the reference was made under
    patient_key_label integer,
    token_key_label   integer,
    scopes_label      integer,                   -- the granted scopes, joined by spaces
    instance_label    integer  not null,
    office            integer,
    status            integer  not null,
    upstream_status   integer,
    attempts          integer  not null,
    api_version       smallint,
    mutation          smallint not null,         -- 0 or 1
    id                bytea    not null,         -- UUID; makes indexing and import idempotent
    actor_ref         bytea,                     -- its 17 bytes
    patient_ref       bytea,
    token_ref         bytea,
    request_id        bytea,                     -- null: the event's own id; see request_id.rs
    trace_id          bytea,                     -- null: the event's own id
    -- The time comes first for the explorer, exports and retention, and because a table that is
    -- partitioned by day needs the day in its key. A later copy of an event has the same time, so
    -- the key still stops it; the writer looks for the id alone as well.
    primary key (ts, id)
);

-- One event by its id.
create index exchanges_by_id on exchanges using hash (id);
-- "What happened at this clinic lately?"
create index exchanges_by_clinic on exchanges (clinic_label, ts);
-- "When did this last work there?"
create index exchanges_by_operation on exchanges (clinic_label, operation_label, ts);
-- "What else did this person, this patient's chart meet?" Eight of a reference's 17 bytes tell two
-- references apart for all practical purposes; the query compares the rest.
create index exchanges_by_actor on exchanges (substr(actor_ref, 1, 8), ts) where actor_ref is not null;
create index exchanges_by_patient on exchanges (substr(patient_ref, 1, 8), ts) where patient_ref is not null;
-- "Was it the session?"
create index exchanges_by_token on exchanges (substr(token_ref, 1, 8), ts) where token_ref is not null;
-- Support has a code, a request id or a trace id on the phone.
create index exchanges_by_support_code on exchanges (support_code);
create index exchanges_by_request_id on exchanges using hash (request_id) where request_id is not null;
create index exchanges_by_trace_id on exchanges using hash (trace_id) where trace_id is not null;
-- Failures are few, and most questions are about them.
create index exchanges_by_ending on exchanges (ending_label, ts) where ending_label is not null;

-- The same rows for people who query with SQL: texts for labels, hexadecimal for bytes.
create view exchange as
select
    encode(e.id, 'hex')::uuid as id,
    timestamptz 'epoch' + e.ts * interval '1 microsecond' as ts,
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
    actor_key.text as actor_key, encode(e.actor_ref, 'hex') as actor_ref,
    patient_key.text as patient_key, encode(e.patient_ref, 'hex') as patient_ref,
    token_key.text as token_key, encode(e.token_ref, 'hex') as token_ref,
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
