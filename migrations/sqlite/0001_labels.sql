-- Every name that rows repeat (clinic, app, operation, route, reason …), kept once.
--
-- A row then holds a small number in its place: about 150 bytes less an event. Names are not about
-- people, so they are never deleted, and an id once read may be cached for ever.
create table labels (
    id   integer primary key,
    text text not null unique
) strict;
