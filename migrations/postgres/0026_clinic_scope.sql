-- Of which clinics somebody may see anything: ids with commas between them; null: of all.
alter table accounts add column clinics text;
alter table api_tokens add column clinics text;
alter table sessions add column clinics text;

-- The API token that a session was begun with, and ends with.
alter table sessions add column token bytea;
