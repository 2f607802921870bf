-- How many of those who are counted in one week of clinics that became one are counted there more than once, since each of
-- the clinics has its own days of that week; told at the clinic that goes on by the end of it. No row means nobody.
create table merger_overlaps (
    week         integer not null,
    clinic_label integer not null,
    staff        integer not null,
    primary key (week, clinic_label)
) strict, without rowid;

-- Counted from rows of people, as far as those are still there.
insert into task_days_due (clinic_label, day, events)
select distinct d.clinic_label, d.day, 0
from daily_tasks d
where d.clinic_label in (select clinic_label from clinic_mergers)
   or d.clinic_label in (select into_label from clinic_mergers)
on conflict (clinic_label, day) do nothing;
