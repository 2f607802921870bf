-- A table a day: a day whose time is over is dropped whole, and leaves nothing behind in any file.
--
-- A day's table takes the place of the section in the indices of 0002: new rows stay together in it,
-- and a search looks into every day that there is. Columns are as narrow as their values, the wide
-- ones first, so that a row has no holes.

drop view exchange;
alter table exchanges rename to exchanges_before;
alter table exchanges_before rename constraint exchanges_pkey to exchanges_before_pkey;
drop index exchanges_by_whole_id, exchanges_by_clinic, exchanges_by_operation, exchanges_by_actor,
    exchanges_by_patient, exchanges_by_support_code, exchanges_by_request_id, exchanges_by_trace_id,
    exchanges_by_ending;

create table exchanges (
    key             bigint  not null,        -- microseconds since 1970, times 16, plus a slot
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
    trace_id        bytea,                   -- null: the event's own id
    primary key (key)
) partition by range (key);

-- Events are looked up by the milliseconds in their id. Those with other ids are few.
create index exchanges_by_whole_id on exchanges (id) where length(id) = 16;
-- "What happened at this clinic lately?"
create index exchanges_by_clinic on exchanges (clinic_label, key);
-- "When did this last work there?"
create index exchanges_by_operation on exchanges (clinic_label, operation_label, key);
-- "What else did this person meet?" Four of a reference's 17 bytes find the rows; the query compares
-- the rest.
create index exchanges_by_actor on exchanges (substr(actor_ref, 1, 4), key) where actor_ref is not null;
-- "Does it fail for this patient's chart?"
create index exchanges_by_patient on exchanges (substr(patient_ref, 1, 4)) where patient_ref is not null;
-- Support has a code, a request id or a trace id on the phone.
create index exchanges_by_support_code on exchanges (support_code);
create index exchanges_by_request_id on exchanges using hash (request_id) where request_id is not null;
create index exchanges_by_trace_id on exchanges using hash (trace_id) where trace_id is not null;
-- Failures are few, and most questions are about them.
create index exchanges_by_ending on exchanges (ending_label, key) where ending_label is not null;

-- The planner keeps samples of what columns hold, and would keep references when their rows are gone.
create function forget_references(of regclass) returns void language plpgsql as $$
declare
    expression record;
begin
    execute format('alter table %s alter column actor_ref set statistics 0, '
        'alter column patient_ref set statistics 0, alter column token_ref set statistics 0', of);
    for expression in
        select i.indexrelid::regclass as index, a.attnum
        from pg_index i join pg_attribute a on a.attrelid = i.indexrelid
        where i.indrelid = of and i.indkey[a.attnum - 1] = 0
    loop
        execute format('alter index %s alter column %s set statistics 0', expression.index, expression.attnum);
    end loop;
end $$;

-- Events of no likely day: of another age, or of a clock that is wrong.
create table exchanges_odd partition of exchanges default;
select forget_references('exchanges');
select forget_references('exchanges_odd');
alter table daily_actors alter column actor_ref set statistics 0;

-- Makes the table of a day, numbered since 1970-01-01, if there is none. Odd events whose day it is
-- move there.
create function open_day(day integer) returns void language plpgsql as $$
declare
    name text := 'exchanges_' || to_char(date '1970-01-01' + day, 'YYYYMMDD');
    low  bigint := day * 1382400000000;  -- microseconds of a day, times 16
    high bigint := (day + 1) * 1382400000000;
begin
    -- Two instances meet the first event of a day at once.
    perform pg_advisory_xact_lock(hashtext('accuscope.open_day'));
    if to_regclass(quote_ident(name)) is not null then
        return;
    end if;
    execute format('create table %I (like exchanges including defaults including constraints including indexes)', name);
    perform forget_references(name::regclass);
    execute format('with moved as (delete from exchanges_odd where key >= %s and key < %s returning *) '
        'insert into %I select * from moved', low, high, name);
    execute format('alter table exchanges attach partition %I for values from (%s) to (%s)', name, low, high);
end $$;

-- The days that there are, numbered since 1970-01-01.
create view exchange_days as
select to_date(right(c.relname, 8), 'YYYYMMDD') - date '1970-01-01' as day, c.oid as "table"
from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'exchanges'::regclass and c.relname ~ '^exchanges_[0-9]{8}$';

-- Drops a day, and says how many events and bytes are gone.
create function drop_day(gone integer, out events bigint, out bytes bigint) language plpgsql as $$
declare
    name regclass;
begin
    select d."table"::regclass into name from exchange_days d where d.day = gone;
    if name is null then
        return;
    end if;
    execute format('lock table exchanges, %s in access exclusive mode', name);
    execute format('select count(*) from %s', name) into events;
    bytes := pg_total_relation_size(name);
    execute format('drop table %s', name);
end $$;

-- What an earlier version kept in one table. A day of another age stays odd.
do $$
declare
    day integer;
    today integer := current_date - date '1970-01-01';
begin
    for day in select distinct (key / 1382400000000)::integer from exchanges_before loop
        if day between today - 800 and today + 8 then
            perform open_day(day);
        end if;
    end loop;
    insert into exchanges
    select key, duration_us, upstream_us, shape, error_signature, span_id, support_code, bytes_in,
        bytes_out, result_count, kind, clinic_label, operation_label, ending_label, late_us, office,
        id, actor_ref, patient_ref, token_ref, request_id, trace_id
    from exchanges_before order by key;
end $$;
drop table exchanges_before;

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
