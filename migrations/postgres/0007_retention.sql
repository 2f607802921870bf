-- What was purged, and how far. Nothing here is about a person.

-- How far each class is purged. An event that is older comes too late: taken in after its time was
-- purged, it would count twice in figures that are kept longer.
create table purge_marks (
    class text primary key,
    begun bigint not null,                 -- microseconds since 1970: nothing older comes in
    done  bigint not null                  -- nothing older is left
);

-- One line for each run that removed something. The rows are counted in the transaction that removes
-- them, so the sums are exact, whatever stopped a run.
create table purge_ledger (
    id             bigint generated always as identity primary key,
    class          text not null,
    instance       text not null,           -- which process
    cutoff         bigint not null,        -- microseconds since 1970
    rows_removed   bigint not null,        -- of references: rows in which they were cleared
    bytes_returned bigint not null,        -- to the file system, where that is known
    started_at     bigint not null,
    ended_at       bigint not null
);
