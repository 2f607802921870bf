-- Which clinic became part of which, as the counts of tasks have it; the registry says so.
create table clinic_mergers (
    clinic_label integer primary key,
    into_label   integer not null,
    on_day       integer not null            -- the first day on which they are one, since 1970-01-01
) strict;
