-- The planner keeps no samples of references, nor of whole records; a column whose type is set anew loses those that
-- it has.

alter table audit alter column patient_ref type text, alter column record type text, alter column event_id type text;
alter table audit
    alter column patient_ref set statistics 0,
    alter column record set statistics 0,
    alter column event_id set statistics 0;
