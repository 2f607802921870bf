-- The access log is read newest first, and what people did is a small part of an audit that is mostly writes.
create index audit_access on audit (ts, instance, seq) where kind in ('lookup', 'sign_in', 'export', 'admin');
