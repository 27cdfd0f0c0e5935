-- What a watcher has taken: one row an arrival below a watched folder. A folder's name may be a
-- patient's, so it is sealed, and the key is a keyed hash.

create table lazaret.arrival (
  project      text not null,
  pipeline     text not null,
  -- Keyed hash of the watched folder.
  watched      text not null,
  -- Keyed hash of the arrival's name below it.
  arrival      text not null,
  name         bytea not null,
  -- Keyed hash of the listing as it was taken: another one means that the arrival has changed.
  listing      text not null,
  -- The run that took it.
  run          uuid not null references lazaret.run on delete cascade,
  taken_at     timestamptz not null,
  primary key (project, pipeline, watched, arrival)
);
