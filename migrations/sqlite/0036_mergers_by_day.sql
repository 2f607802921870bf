-- Days count at the clinic that has each of them, in weeks and months as well: what was counted of clinics that became
-- one is counted once more, from rows and not from events.
insert into task_days_due (clinic_label, day, events)
select distinct d.clinic_label, d.day, 0
from daily_tasks d
where d.clinic_label in (select clinic_label from clinic_mergers)
   or d.clinic_label in (select into_label from clinic_mergers)
on conflict (clinic_label, day) do nothing;
