-- One row for every exchange that went through the proxy: the event of the contract, section 5.
--
-- No column holds text from a request or an answer. What repeats is in `kinds`; the view `exchange`
-- puts it together. 64-bit numbers without a sign are kept as their two's complement.
-- Wide columns come first, so that a row has no holes for alignment. The key is the time, so the
-- table can be partitioned by day as it is.
create table exchanges (
    key             bigint  primary key,     -- microseconds since 1970, times 16, plus a slot
    duration_us     bigint  not null,
    upstream_us     bigint,
    shape           bigint,
    error_signature bigint,
    span_id         bigint  not null,
    support_code    bigint  not null,        -- its 40 bits
    bytes_in        bigint  not null,
    bytes_out       bigint  not null,
    result_count    bigint,
    kind            integer not null,
    clinic_label    integer,
    operation_label integer not null,
    ending_label    integer,                 -- the reason, or 'aborted'; null: it worked
    late_us         integer,                 -- how far the key lies behind the time; null: not at all
    office          integer,
    id              bytea   not null,        -- UUID, without the milliseconds if they are the key's
    actor_ref       bytea,                   -- 17 bytes; so are the next two
    patient_ref     bytea,
    token_ref       bytea,
    request_id      bytea,                   -- null: the event's own id; see request_id.rs
    trace_id        bytea                    -- null: the event's own id
);

-- Every index ends with the key, so that what it finds comes in the order of time.

-- Events are looked up by the milliseconds in their id. Those with other ids are few.
create index exchanges_by_whole_id on exchanges (id) where length(id) = 16;
-- "What happened at this clinic lately?"
create index exchanges_by_clinic on exchanges (clinic_label, key);
-- "When did this last work there?"
create index exchanges_by_operation on exchanges (clinic_label, operation_label, key);
-- "What else did this person meet?" Four of a reference's 17 bytes find the rows; the query compares
-- the rest.
create index exchanges_by_actor on exchanges (substr(actor_ref, 1, 4), key) where actor_ref is not null;
-- What follows is spread all over: each new row would touch a page of its own in each index. Indices
-- that begin with the section, five hours of the table, keep new rows together; a search looks into
-- every section that there is. See search.rs.
-- "Does it fail for this patient's chart?"
create index exchanges_by_patient on exchanges ((key >> 38), substr(patient_ref, 1, 4)) where patient_ref is not null;
-- Support has a code, a request id or a trace id on the phone.
create index exchanges_by_support_code on exchanges ((key >> 38), support_code);
create index exchanges_by_request_id on exchanges ((key >> 38), request_id) where request_id is not null;
create index exchanges_by_trace_id on exchanges ((key >> 38), trace_id) where trace_id is not null;
-- Failures are few, and most questions are about them.
create index exchanges_by_ending on exchanges (ending_label, key) where ending_label is not null;

-- The same rows for people who query with SQL: one column for each field of the event, hexadecimal
-- for bytes, microseconds for durations. Ids are null where they are the event's own.
create view exchange as
select
    (case length(e.id)
        when 16 then encode(e.id, 'hex')
        else lpad(to_hex(((e.key >> 4) - coalesce(e.late_us, 0)) / 1000), 12, '0') || encode(e.id, 'hex')
    end)::uuid as id,
    timestamptz 'epoch' + ((e.key >> 4) - coalesce(e.late_us, 0)) * interval '1 microsecond' as ts,
    k.env, clinic.text as clinic, k.app, k.context, k.operation, k.domain, k.method, k.route,
    k.api_version, k.mutation, k.status, k.upstream_status, k.outcome, k.category, k.reason,
    e.result_count, e.duration_us, e.upstream_us, k.attempts, k.source,
    k.actor_key, encode(e.actor_ref, 'hex') as actor_ref,
    k.patient_key, encode(e.patient_ref, 'hex') as patient_ref,
    k.token_key, encode(e.token_ref, 'hex') as token_ref,
    e.office, k.scopes,
    lpad(to_hex(e.shape), 16, '0') as shape,
    lpad(to_hex(e.error_signature), 16, '0') as error_signature,
    case get_byte(e.request_id, 0)
        when 2 then convert_from(substr(e.request_id, 2), 'UTF8')
        else encode(substr(e.request_id, 2), 'hex')
    end as request_id,
    encode(e.trace_id, 'hex') as trace_id,
    lpad(to_hex(e.span_id), 16, '0') as span_id,
    e.support_code, e.bytes_in, e.bytes_out, k.instance
from exchanges e
join kinds k on k.id = e.kind
left join labels clinic on clinic.id = e.clinic_label;
