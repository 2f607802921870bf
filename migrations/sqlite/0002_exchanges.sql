-- One row for every exchange that went through the proxy: the event of the contract, section 5.
--
-- No column holds text from a request or an answer. What repeats is in `kinds`; the view `exchange`
-- puts it together. 64-bit numbers without a sign are kept as their two's complement.
create table exchanges (
    key             integer primary key,     -- microseconds since 1970, times 16, plus a slot
    late_us         integer,                 -- how far the key lies behind the time; null: not at all
    kind            integer not null,
    clinic_label    integer,
    operation_label integer not null,
    ending_label    integer,                 -- the reason, or 'aborted'; null: it worked
    id              blob    not null,        -- UUID, without the milliseconds if they are the key's
    office          integer,
    result_count    integer,
    duration_us     integer not null,
    upstream_us     integer,
    actor_ref       blob,                    -- 17 bytes; so are the next two
    patient_ref     blob,
    token_ref       blob,
    shape           integer,
    error_signature integer,
    request_id      blob,                    -- null: the event's own id; see request_id.rs
    trace_id        blob,                    -- null: the event's own id
    span_id         integer not null,
    support_code    integer not null,        -- its 40 bits
    bytes_in        integer not null,
    bytes_out       integer not null
) strict;

-- The table lies in the order of its key, which is the order of time: pages, exports and retention
-- walk along it. Every index ends with the key without naming it, so each is in that order, too.

-- Events are looked up by the milliseconds in their id. Those with other ids are few.
create index exchanges_by_whole_id on exchanges (id) where length(id) = 16;
-- "What happened at this clinic lately?"
create index exchanges_by_clinic on exchanges (clinic_label);
-- "When did this last work there?"
create index exchanges_by_operation on exchanges (clinic_label, operation_label);
-- "What else did this person meet?" Four of a reference's 17 bytes find the rows; the query compares
-- the rest.
create index exchanges_by_actor on exchanges (substr(actor_ref, 1, 4)) where actor_ref is not null;
-- What follows is spread all over: each new row would touch a page of its own in each index. Indices
-- that begin with the section, five hours of the table, keep new rows together; a search looks into
-- every section that there is. See search.rs.
-- "Does it fail for this patient's chart?"
create index exchanges_by_patient on exchanges ((key >> 38), substr(patient_ref, 1, 4)) where patient_ref is not null;
-- Support has a code, a request id or a trace id on the phone;
-- the last bytes of an id are its random ones, since version 7 UUIDs begin with the time.
create index exchanges_by_support_code on exchanges ((key >> 38), support_code);
create index exchanges_by_request_id on exchanges ((key >> 38), substr(request_id, -4)) where request_id is not null;
create index exchanges_by_trace_id on exchanges ((key >> 38), substr(trace_id, -4)) where trace_id is not null;
-- Failures are few, and most questions are about them.
create index exchanges_by_ending on exchanges (ending_label) where ending_label is not null;

-- The same rows for people who query with SQL: one column for each field of the event, hexadecimal
-- for bytes, microseconds for durations. Ids are null where they are the event's own.
create view exchange as
select
    case length(e.id)
        when 16 then lower(hex(e.id))
        else printf('%012x', ((e.key >> 4) - coalesce(e.late_us, 0)) / 1000) || lower(hex(e.id))
    end as id,
    strftime('%Y-%m-%dT%H:%M:%S', ((e.key >> 4) - coalesce(e.late_us, 0)) / 1000000, 'unixepoch')
        || printf('.%06dZ', ((e.key >> 4) - coalesce(e.late_us, 0)) % 1000000) as ts,
    k.env, clinic.text as clinic, k.app, k.context, k.operation, k.domain, k.method, k.route,
    k.api_version, k.mutation, k.status, k.upstream_status, k.outcome, k.category, k.reason,
    e.result_count, e.duration_us, e.upstream_us, k.attempts, k.source,
    k.actor_key, nullif(lower(hex(e.actor_ref)), '') as actor_ref,
    k.patient_key, nullif(lower(hex(e.patient_ref)), '') as patient_ref,
    k.token_key, nullif(lower(hex(e.token_ref)), '') as token_ref,
    e.office, k.scopes,
    iif(e.shape is null, null, printf('%016x', e.shape)) as shape,
    iif(e.error_signature is null, null, printf('%016x', e.error_signature)) as error_signature,
    case hex(substr(e.request_id, 1, 1))
        when '' then null
        when '02' then cast(substr(e.request_id, 2) as text)
        else lower(hex(substr(e.request_id, 2)))
    end as request_id,
    nullif(lower(hex(e.trace_id)), '') as trace_id,
    printf('%016x', e.span_id) as span_id,
    e.support_code, e.bytes_in, e.bytes_out, k.instance
from exchanges e
join kinds k on k.id = e.kind
left join labels clinic on clinic.id = e.clinic_label;
