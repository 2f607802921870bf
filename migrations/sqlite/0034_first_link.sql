-- The link of the first administrator is one, whichever of several instances makes it, and says which one
-- printed it.

alter table sign_in_links add column instance text;   -- null: not the first administrator's

create unique index sign_in_links_first on sign_in_links (purpose) where purpose = 'first_admin';
