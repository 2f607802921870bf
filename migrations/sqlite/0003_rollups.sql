-- Counts per clinic × app × operation × context × ending × latency, so that pages and reports never
-- count rows. A histogram is one row per latency bucket: two histograms merge by adding counts.
--
-- Label 0 stands for "could not be told". `bucket` numbers minutes and hours since 1970, UTC; days
-- are those of the clinic's own calendar, numbered since 1970-01-01. The clinic comes first in the
-- key, since most pages show one; `clinics_seen` names the clinics for those that show all.

-- Kept for two days: what is happening now.
create table rollup_minute (
    clinic_label    integer not null,
    bucket          integer not null,
    operation_label integer not null,
    app_label       integer not null,
    domain_label    integer not null,
    context_label   integer not null,
    ending_label    integer not null,         -- 0: it worked
    latency         integer not null,         -- domain::latency
    calls           integer not null,
    duration_us     integer not null,
    primary key (clinic_label, bucket, operation_label, app_label, domain_label, context_label, ending_label, latency)
) strict, without rowid;

-- Kept for 90 days, as long as the events.
create table rollup_hour (
    clinic_label    integer not null,
    bucket          integer not null,
    operation_label integer not null,
    app_label       integer not null,
    domain_label    integer not null,
    context_label   integer not null,
    ending_label    integer not null,         -- 0: it worked
    latency         integer not null,         -- domain::latency
    calls           integer not null,
    duration_us     integer not null,
    primary key (clinic_label, bucket, operation_label, app_label, domain_label, context_label, ending_label, latency)
) strict, without rowid;

-- Kept for 25 months: this month against the same month last year.
create table rollup_day (
    clinic_label    integer not null,
    bucket          integer not null,
    operation_label integer not null,
    app_label       integer not null,
    domain_label    integer not null,
    context_label   integer not null,
    ending_label    integer not null,         -- 0: it worked
    latency         integer not null,         -- domain::latency
    calls           integer not null,
    duration_us     integer not null,
    primary key (clinic_label, bucket, operation_label, app_label, domain_label, context_label, ending_label, latency)
) strict, without rowid;

-- Which staff member used which workflow on which day of the clinic's own calendar: a set, so that
-- "active people this week" is a count of distinct references and not a sum of days.
create table daily_actors (
    clinic_label    integer not null,
    day             integer not null,         -- days since 1970-01-01
    domain_label    integer not null,
    actor_key_label integer not null,
    actor_ref       blob not null,
    primary key (clinic_label, day, domain_label, actor_ref)
) strict, without rowid;

-- The first and last call of each clinic. Small, and spares a scan for "which clinics are silent?"
create table clinics_seen (
    clinic_label integer primary key,         -- 0: could not be told
    first_ts     integer not null,
    last_ts      integer not null
) strict;
