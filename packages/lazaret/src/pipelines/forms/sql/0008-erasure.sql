-- What an erasure leaves to be done to files that hold others as well. It is written down together
-- with the decision, so that whoever comes after a crash goes on where it was.

create table lazaret_forms.rewriting (
  id          uuid primary key,
  decision    uuid not null references lazaret.decision,
  -- A delivery, or all documents of a run.
  kind        text not null check (kind in ('delivery', 'documents')),
  -- The run whose configuration says where the file is.
  run         uuid not null references lazaret.run on delete cascade,
  -- Of a delivery; of documents, empty.
  key         text not null,
  -- Of the content that takes the place of a delivery's, once it is known: what has it is done.
  digest      text,
  state       text not null check (state in ('open', 'done', 'missing')),
  opened_at   timestamptz not null,
  settled_at  timestamptz
);
create index rewriting_open on lazaret_forms.rewriting (opened_at) where state = 'open';

-- Which items of a delivery its file does not have any more. The delivery itself stays as it was
-- made: so many items left the house with it.
create table lazaret_forms.withdrawn (
  run   uuid not null references lazaret.run on delete cascade,
  key   text not null,
  refs  int8multirange not null,
  primary key (run, key)
);

-- Alerts of erased visits, so that whoever asks for one is told: keyed hashes.
create table lazaret_forms.erased_alert (
  project   text not null,
  key       text not null,
  decision  uuid not null references lazaret.decision,
  primary key (project, key)
);
