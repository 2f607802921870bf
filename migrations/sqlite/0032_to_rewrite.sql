-- SQLite overwrites what it deletes, so nothing is ever written here; the table is PostgreSQL's.
create table to_rewrite (
    table_name text primary key
) strict;
