-- Which bytes were delivered for which image identity, across runs. The identity is a keyed hash.
create schema if not exists lazaret_imaging;

create table lazaret_imaging.instance (
  project   text not null,
  -- Keyed hash of the SOPInstanceUID.
  instance  text not null,
  -- SHA-256 of the source.
  digest    text not null,
  primary key (project, instance, digest)
);
