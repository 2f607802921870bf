-- PostgreSQL gets a table a day here. A SQLite file has one table, whose key is the time already.
select 1;
