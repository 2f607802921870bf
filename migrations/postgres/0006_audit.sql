-- The audit, copied from each instance's own chain so that people can ask it questions. The chain on disk
-- is the record; audit verify compares the two.
create table audit (
    instance    text not null,
    seq         bigint not null,
    ts          bigint not null,             -- microseconds since 1970
    kind        text not null,
    clinic      text,
    "user"      text,
    patient_ref text,
    event_id    text,
    record      text not null,                -- the whole line, with its hash
    primary key (instance, seq)
);

create index audit_ts on audit (ts);
create index audit_kind on audit (kind, ts);
create index audit_user on audit ("user", ts) where "user" is not null;
create index audit_patient on audit (patient_ref, ts) where patient_ref is not null;

-- How far each instance's chain is copied. Written in the transaction of the rows.
create table audit_copied (
    instance  text primary key,
    segment   bigint not null,
    "offset"  bigint not null,               -- bytes of the segment that are copied
    seq       bigint not null,               -- the last record that is
    copied_at bigint not null                -- microseconds since 1970
);

-- When each instance was recording: from its start mark to its stop mark or the last sign of life. What
-- lies outside is not silence but not recorded.
create table recording (
    instance text not null,
    began    bigint not null,                -- microseconds since 1970
    until    bigint not null,                -- the stop mark, or the last sign of life
    stopped  smallint not null,               -- 1: in order; 0: it still runs, or it was killed
    primary key (instance, began)
);

create index recording_until on recording (until);

-- Events that are known to be missing, because the disk did not take them.
create table recording_gaps (
    instance text not null,
    began    bigint not null,                -- the first of them, microseconds since 1970
    until    bigint not null,                -- the last of them
    lost     bigint not null,                -- how many
    primary key (instance, began)
);

create index recording_gaps_until on recording_gaps (until);
