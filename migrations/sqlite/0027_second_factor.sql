-- A code from an app beside the passphrase.

alter table accounts add column second_factor text;                  -- the secret, sealed under a key of the key folder; null: none
alter table accounts add column second_factor_step integer not null default 0; -- the last step whose code was used

-- For the day on which the phone is lost. A row goes when its code is used.
create table recovery_codes (
    digest  blob primary key,
    account text not null
) strict;
create index recovery_codes_account on recovery_codes (account);
