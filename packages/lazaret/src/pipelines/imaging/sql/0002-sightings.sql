-- Image identities that a run has read, all of them before the first image of it is delivered: two
-- images of one identity in two studies are found out whichever of them is worked on first.
create table lazaret_imaging.sighting (
  run       uuid not null references lazaret.run on delete cascade,
  -- Keyed hash of the SOPInstanceUID.
  instance  text not null,
  -- SHA-256 of the source.
  digest    text not null,
  -- The batch that read it: a second attempt at it reads anew.
  batch     uuid not null,
  primary key (run, instance, digest, batch)
);
create index sighting_by_batch on lazaret_imaging.sighting (batch);
