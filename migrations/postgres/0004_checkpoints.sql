-- How far each instance's journal has been indexed. Written in the transaction of the rows, so that
-- indexing resumes exactly where it stopped, whatever stopped it.
create table checkpoints (
    instance   text primary key,
    segment    text not null,
    "offset"   bigint not null,                -- bytes of the segment that are indexed
    indexed_at bigint not null                 -- microseconds since 1970
);
