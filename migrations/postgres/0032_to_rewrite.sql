-- Tables from which something was purged and whose files are not written anew yet. The row is written in the
-- transaction that purges, so that neither a sudden end nor another's open transaction leaves the removed in a file.
create table to_rewrite (
    table_name text primary key
);

-- An earlier version did not look whether writing anew had dropped everything; these are written anew once more.
insert into to_rewrite (table_name)
values ('audit'), ('exchanges_odd'), ('daily_actors'), ('daily_tasks'), ('first_uses'), ('same_actors');
