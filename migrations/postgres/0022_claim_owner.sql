-- Which instance holds a claim: a write of one that has died is under way no longer.
alter table write_claims add column owner text;
