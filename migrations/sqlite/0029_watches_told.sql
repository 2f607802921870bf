-- When somebody waits for something and it works, that can be posted to the operator's address.

alter table diagnosis_watches add column told_at integer; -- when it was posted; null: not yet
