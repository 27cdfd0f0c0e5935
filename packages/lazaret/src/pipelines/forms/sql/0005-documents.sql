-- What a run of forms leaves for people and viewers: which files it had, what was found in which of
-- them, and the documents that say so.

-- The files of a run, from 0, in the order in which they were named.
create table lazaret_forms.file (
  run   uuid not null references lazaret.run on delete cascade,
  file  int not null,
  -- Sealed: a file's name may be a patient's.
  path  bytea not null,
  primary key (run, file)
);

-- Which items a file has: a row for each stretch of it. Counts when its batch is published.
create table lazaret_forms.file_part (
  id       bigint generated always as identity primary key,
  run      uuid not null references lazaret.run on delete cascade,
  batch    uuid not null references lazaret.batch on delete cascade,
  attempt  int not null,
  file     int not null,
  refs     int8multirange not null
);
create index file_part_by_run on lazaret_forms.file_part (run, file);
create index file_part_by_batch on lazaret_forms.file_part (batch, attempt);

-- How often a batch found what, by file, site, check, code and column: exact, however few of the
-- findings are kept. Sealed, because sites and columns are as the data has them.
create table lazaret_forms.found (
  id       bigint generated always as identity primary key,
  run      uuid not null references lazaret.run on delete cascade,
  batch    uuid not null references lazaret.batch on delete cascade,
  attempt  int not null,
  payload  bytea not null
);
create index found_by_run on lazaret_forms.found (run);
create index found_by_batch on lazaret_forms.found (batch, attempt);

-- The documents that were written. Only added to: of a kind and number the latest one counts.
create table lazaret_forms.document (
  id       bigint generated always as identity primary key,
  -- The run that wrote it: for what was sent in again, the child run.
  run      uuid not null references lazaret.run on delete cascade,
  -- The run whose files it is about.
  about    uuid not null references lazaret.run on delete cascade,
  kind     text not null check (kind in ('qc', 'fix-list-csv', 'fix-list-page')),
  -- Of the file, or of the site in the run's list of sites; from 1.
  number   int not null,
  key      text not null,
  digest   text not null,
  bytes    bigint not null,
  at       timestamptz not null,
  unique (run, kind, key)
);
create index document_by_about on lazaret_forms.document (about, kind, number, id);

create view lazaret_forms.published_file_part as
  select p.* from lazaret_forms.file_part p
  join lazaret.batch b on b.id = p.batch and b.published_attempt = p.attempt;
create view lazaret_forms.published_found as
  select f.* from lazaret_forms.found f
  join lazaret.batch b on b.id = f.batch and b.published_attempt = f.attempt;
