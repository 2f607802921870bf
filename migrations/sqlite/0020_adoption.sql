-- What staff did, and how many they are: the adoption report. Days are those of the clinic's own
-- calendar, numbered since 1970-01-01; weeks and months go by their first day. Label 0 for a task
-- stands for all of them.

-- Days to be counted: events came since. Counting a day again from its events gives the same whatever
-- order they came in, late ones and those of an import too.
create table task_days_due (
    clinic_label integer not null,
    day          integer not null,
    events       integer not null,            -- 1: from the events; 0: what was counted, once more
    primary key (clinic_label, day)
) strict, without rowid;

-- What one person did of one task on one day.
create table daily_tasks (
    clinic_label integer not null,
    day          integer not null,
    task         integer not null,            -- domain::adoption::Task
    actor_ref    blob not null,               -- empty: the app did not say who
    calls        integer not null,
    done         integer not null,
    empty        integer not null,
    first_time   integer not null,
    failed       integer not null,
    given_up     integer not null,
    changed      integer not null,
    primary key (clinic_label, day, task, actor_ref)
) strict, without rowid;

-- The first and the last day on which a person got something done.
create table first_uses (
    clinic_label integer not null,
    actor_ref    blob not null,
    first_day    integer not null,
    last_day     integer not null,
    primary key (clinic_label, actor_ref)
) strict, without rowid;

-- Two references, under two keys, that were seen to stand for one person.
create table same_actors (
    clinic_label integer not null,
    actor_ref    blob not null,
    same_ref     blob not null,
    noted_day    integer not null,            -- UTC
    primary key (clinic_label, actor_ref, same_ref)
) strict, without rowid;

-- Counts without any reference: they stay when those go.
create table task_counts (
    span          integer not null,           -- 1 day, 2 week, 3 month
    task          integer not null,           -- 0: all
    bucket        integer not null,           -- the first day
    clinic_label  integer not null,
    staff         integer not null,
    calls         integer not null,
    done          integer not null,
    empty         integer not null,
    first_time    integer not null,
    failed        integer not null,
    given_up      integer not null,
    changed       integer not null,
    unknown_calls integer not null,
    primary key (span, task, bucket, clinic_label)
) strict, without rowid;
create index task_counts_by_clinic on task_counts (clinic_label, span, bucket);

-- Of those who started in one week: how many were active in another.
create table cohort_counts (
    started      integer not null,
    week         integer not null,
    clinic_label integer not null,
    staff        integer not null,
    primary key (started, week, clinic_label)
) strict, without rowid;
create index cohort_counts_by_clinic on cohort_counts (clinic_label, week);

-- The days on which a clinic did something for the first time.
create table clinic_firsts (
    clinic_label integer primary key,
    counted_from integer,
    signed_in    integer,
    found        integer,                     -- a patient was found
    done         integer,                     -- a task was done
    changed      integer,                     -- something was changed
    last_done    integer
) strict;

-- What is there already is counted as soon as the program runs.
insert into task_days_due (clinic_label, day, events)
    select distinct clinic_label, bucket, 1 from rollup_day where clinic_label <> 0;
