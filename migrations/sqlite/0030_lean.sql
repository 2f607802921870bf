-- Fewer bytes a call, and less to write for each. Events stay as they are here: see the other database.

-- What figures are told apart by, but for clinic and time. Roll-ups name a row of it in a byte or two
-- instead of six columns. Nothing here is about a person, so nothing is ever deleted.
create table figure_kinds (
    id              integer primary key,
    operation_label integer not null,
    app_label       integer not null,
    domain_label    integer not null,
    context_label   integer not null,
    ending_label    integer not null,         -- 0: it worked
    latency         integer not null,         -- domain::latency
    unique (operation_label, app_label, domain_label, context_label, ending_label, latency)
) strict;
insert into figure_kinds (operation_label, app_label, domain_label, context_label, ending_label, latency)
    select operation_label, app_label, domain_label, context_label, ending_label, latency from rollup_minute
    union
    select operation_label, app_label, domain_label, context_label, ending_label, latency from rollup_hour
    union
    select operation_label, app_label, domain_label, context_label, ending_label, latency from rollup_day;

alter table rollup_minute rename to rollup_before;
create table rollup_minute (
    clinic_label integer not null,
    bucket       integer not null,
    kind         integer not null,            -- figure_kinds
    calls        integer not null,
    duration_us  integer not null,
    primary key (clinic_label, bucket, kind)
) strict, without rowid;
insert into rollup_minute (clinic_label, bucket, kind, calls, duration_us)
    select r.clinic_label, r.bucket, k.id, r.calls, r.duration_us
    from rollup_before r join figure_kinds k using
        (operation_label, app_label, domain_label, context_label, ending_label, latency)
    order by r.clinic_label, r.bucket, k.id;
drop table rollup_before;

alter table rollup_hour rename to rollup_before;
create table rollup_hour (
    clinic_label integer not null,
    bucket       integer not null,
    kind         integer not null,            -- figure_kinds
    calls        integer not null,
    duration_us  integer not null,
    primary key (clinic_label, bucket, kind)
) strict, without rowid;
insert into rollup_hour (clinic_label, bucket, kind, calls, duration_us)
    select r.clinic_label, r.bucket, k.id, r.calls, r.duration_us
    from rollup_before r join figure_kinds k using
        (operation_label, app_label, domain_label, context_label, ending_label, latency)
    order by r.clinic_label, r.bucket, k.id;
drop table rollup_before;

alter table rollup_day rename to rollup_before;
create table rollup_day (
    clinic_label integer not null,
    bucket       integer not null,
    kind         integer not null,            -- figure_kinds
    calls        integer not null,
    duration_us  integer not null,
    primary key (clinic_label, bucket, kind)
) strict, without rowid;
insert into rollup_day (clinic_label, bucket, kind, calls, duration_us)
    select r.clinic_label, r.bucket, k.id, r.calls, r.duration_us
    from rollup_before r join figure_kinds k using
        (operation_label, app_label, domain_label, context_label, ending_label, latency)
    order by r.clinic_label, r.bucket, k.id;
drop table rollup_before;
