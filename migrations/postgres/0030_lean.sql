-- Fewer bytes a call, and less to write for each.

-- What figures are told apart by, but for clinic and time. Roll-ups name a row of it in four bytes instead
-- of six columns, in the table and once more in its key. Nothing here is about a person, so nothing is ever
-- deleted.
create table figure_kinds (
    id              integer generated always as identity primary key,
    operation_label integer not null,
    app_label       integer not null,
    domain_label    integer not null,
    context_label   integer not null,
    ending_label    integer not null,         -- 0: it worked
    latency         smallint not null,        -- domain::latency
    unique (operation_label, app_label, domain_label, context_label, ending_label, latency)
);
insert into figure_kinds (operation_label, app_label, domain_label, context_label, ending_label, latency)
    select operation_label, app_label, domain_label, context_label, ending_label, latency from rollup_minute
    union
    select operation_label, app_label, domain_label, context_label, ending_label, latency from rollup_hour
    union
    select operation_label, app_label, domain_label, context_label, ending_label, latency from rollup_day;

-- The widest column comes first, so that a row has no holes. Two thousand million calls of one kind in one
-- bucket would be 24,000 a second for a day.
do $$
declare
    span text;
begin
    foreach span in array array['minute', 'hour', 'day'] loop
        execute format('alter table rollup_%s rename to rollup_before', span);
        execute format('alter table rollup_before rename constraint rollup_%s_pkey to rollup_before_pkey', span);
        execute format('create table rollup_%s ('
            'duration_us bigint not null, clinic_label integer not null, bucket integer not null, '
            'kind integer not null, calls integer not null)', span);
        execute format('insert into rollup_%s (duration_us, calls, clinic_label, bucket, kind) '
            'select r.duration_us, r.calls, r.clinic_label, r.bucket, k.id from rollup_before r '
            'join figure_kinds k on k.operation_label = r.operation_label and k.app_label = r.app_label '
            'and k.domain_label = r.domain_label and k.context_label = r.context_label '
            'and k.ending_label = r.ending_label and k.latency = r.latency '
            'order by r.clinic_label, r.bucket, k.id', span);
        execute format('alter table rollup_%s add primary key (clinic_label, bucket, kind)', span);
        drop table rollup_before;
    end loop;
end $$;

-- An entry of each row costs an index more than the row gives it, so rows share one. Of ids and patients,
-- fourteen bits find a handful of rows a day; of a person's calls, those of a section of the table, 72
-- minutes, which a query sorts. The rest of a value is compared in the rows.
drop index exchanges_by_patient, exchanges_by_support_code, exchanges_by_request_id, exchanges_by_trace_id,
    exchanges_by_actor;
create index exchanges_by_actor on exchanges
    (((get_byte(actor_ref, 0) & 63) << 8 | get_byte(actor_ref, 1)), (key >> 36)) where actor_ref is not null;
create index exchanges_by_patient on exchanges
    (((get_byte(patient_ref, 0) & 63) << 8 | get_byte(patient_ref, 1))) where patient_ref is not null;
create index exchanges_by_support_code on exchanges ((support_code & 16383));
-- An app's own id may be a number that counts up, or have a fixed end.
create index exchanges_by_request_id on exchanges
    (((get_byte(sha256(request_id), 0) & 63) << 8 | get_byte(sha256(request_id), 1))) where request_id is not null;
create index exchanges_by_trace_id on exchanges
    (((get_byte(trace_id, 14) & 63) << 8 | get_byte(trace_id, 15))) where trace_id is not null;
do $$
declare
    part regclass;
begin
    for part in select inhrelid from pg_inherits where inhparent = 'exchanges'::regclass loop
        perform forget_references(part);
    end loop;
end $$;
select forget_references('exchanges');

-- Most requests have no body: null says so without eight bytes.
alter table exchanges alter column bytes_in drop not null;

create or replace view exchange as
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
    e.support_code, coalesce(e.bytes_in, 0) as bytes_in, e.bytes_out, k.instance
from exchanges e
join kinds k on k.id = e.kind
left join labels clinic on clinic.id = e.clinic_label;

