-- The identity map: the only place that keeps an original identifier, and it is sealed.
create schema if not exists lazaret_identity;

create table lazaret_identity.map (
  key_id     text not null,
  kind       text not null check (kind in ('patient', 'accession')),
  pseudonym  text not null,
  -- The keyed hash that the pseudonym is the beginning of: tells a repeat from a collision.
  origin     text not null,
  sealed     bytea not null,
  primary key (key_id, kind, pseudonym)
);
