-- The heart: projects, runs, batches, what flows between them, and what became of each item.
--
-- Two ideas carry the tables.
--
-- 1. An item is a number within its run. Sets of items are int8multiranges, so that ten million
--    items which went through smoothly cost a few ranges, and "every item has exactly one
--    disposition" is set algebra that PostgreSQL itself can check (see ledger.ts).
--
-- 2. What an attempt at a batch writes carries the attempt's number, and counts only while
--    batch.published_attempt names it. The commit that publishes is therefore one small update,
--    however much was staged before it, and what a dead attempt left behind counts for nothing.

create schema if not exists lazaret;

create table lazaret.project (
  name        text primary key,
  -- Identifies the pseudonym key, which is never kept beside the database.
  key_id      text,
  created_at  timestamptz not null
);

create table lazaret.site (
  project     text not null references lazaret.project,
  name        text not null,
  created_at  timestamptz not null,
  primary key (project, name)
);

create table lazaret.run (
  id             uuid primary key,
  -- The short form for people: r_8k2f3d.
  short          text not null unique,
  project        text not null,
  site           text not null,
  pipeline       text not null,
  status         text not null check (status in
                   ('new', 'running', 'paused', 'stop-requested', 'interrupted', 'complete', 'failed')),
  -- The fault that explains the status, rendered without anything that may identify a patient.
  reason         jsonb,
  -- Where the source is: sealed, because a folder's name may be a patient's.
  source         bytea not null,
  configuration  jsonb not null,
  recipe         text not null,
  key_id         text not null,
  parent         uuid references lazaret.run,
  started_by     text not null,
  created_at     timestamptz not null,
  finished_at    timestamptz,
  -- Time at work, resumptions added up, pauses included.
  elapsed_ms     bigint not null default 0,
  -- The process that works on the run, and its last sign of life.
  owner          text,
  heartbeat_at   timestamptz,
  -- How far the source was read (sealed), and whether to its end.
  checkpoint     bytea,
  source_done    boolean not null default false,
  -- The number that the next item gets.
  next_item      bigint not null default 1,
  -- Bytes of the items received.
  bytes          bigint not null default 0,
  -- Counters for people who watch: fast, and never the proof.
  counters       jsonb not null default '{}',
  foreign key (project, site) references lazaret.site,
  check ((status in ('complete', 'failed', 'interrupted')) = (finished_at is not null))
);
create index run_by_status on lazaret.run (status);

-- Each transition of a run keeps its reason and whoever or whatever caused it.
create table lazaret.run_event (
  id           bigint generated always as identity primary key,
  run          uuid not null references lazaret.run on delete cascade,
  at           timestamptz not null,
  from_status  text,
  to_status    text not null,
  caused_by    text not null,
  reason       jsonb
);
create index run_event_by_run on lazaret.run_event (run, id);

create table lazaret.batch (
  id                 uuid primary key,
  run                uuid not null references lazaret.run on delete cascade,
  stage              int not null,
  ordinal            int not null,
  -- Keyed hash of what the items were re-cut by; null for batches as they arrived.
  cut                text,
  status             text not null check (status in ('queued', 'processing', 'done', 'empty', 'error')),
  has_error          boolean not null default false,
  -- The number of the latest attempt; only that one may publish.
  attempt            int not null default 0,
  published_attempt  int,
  items              bigint not null,
  bytes              bigint not null default 0,
  reason             jsonb,
  -- What the pipeline wants kept of the batch (counts by shifted study date, for instance).
  qa                 jsonb,
  queued_at          timestamptz not null,
  started_at         timestamptz,
  finished_at        timestamptz,
  unique (run, stage, ordinal),
  unique (run, stage, cut),
  check (published_attempt is null or status in ('done', 'empty', 'error'))
);
create index batch_by_status on lazaret.batch (run, status);

-- Items under way: what a batch consists of. Made by the source (maker null) or by a batch of the
-- stage before (maker and attempt), and worked through by its target batch, once it has one.
create table lazaret.parcel (
  id       bigint generated always as identity primary key,
  run      uuid not null references lazaret.run on delete cascade,
  -- The stage that works through it.
  stage    int not null,
  maker    uuid references lazaret.batch on delete cascade,
  attempt  int,
  cut      text,
  target   uuid references lazaret.batch on delete cascade,
  refs     int8multirange not null,
  -- The items' values, sealed, in the order of refs. Emptied when the target has published.
  payload  bytea
);
create index parcel_by_target on lazaret.parcel (target);
create index parcel_by_maker on lazaret.parcel (maker, attempt);
create index parcel_uncut on lazaret.parcel (run, stage, cut) where target is null;

-- What became of items for good, in bulk.
create table lazaret.outcome (
  id           bigint generated always as identity primary key,
  run          uuid not null references lazaret.run on delete cascade,
  batch        uuid not null references lazaret.batch on delete cascade,
  attempt      int not null,
  disposition  text not null check (disposition in
                 ('delivered', 'held', 'rejected', 'skipped', 'duplicate')),
  refs         int8multirange not null
);
create index outcome_by_batch on lazaret.outcome (batch, attempt);
create index outcome_by_run on lazaret.outcome (run);

-- Items that need a person or a proof: each one that was not delivered.
create table lazaret.item (
  run          uuid not null references lazaret.run on delete cascade,
  no           bigint not null,
  batch        uuid not null references lazaret.batch on delete cascade,
  attempt      int not null,
  disposition  text not null,
  -- The code that decided, by name.
  code         text not null,
  stage        text not null,
  step         text not null,
  -- Digest of the source bytes, where the pipeline has one.
  digest       text,
  -- Duplicates: the item that already stands for these bytes.
  same_as_run  uuid,
  same_as_no   bigint,
  -- The item as it arrived, sealed: how to find it again.
  arrival      bytea,
  -- What may be shown of it to anyone.
  facts        jsonb not null default '{}',
  primary key (run, no, batch, attempt)
);
create index item_by_batch on lazaret.item (batch, attempt);
create index item_by_disposition on lazaret.item (disposition, code);

create table lazaret.finding (
  id           uuid primary key,
  run          uuid not null references lazaret.run on delete cascade,
  -- Null: the finding is about the run, from before there was a batch.
  batch        uuid references lazaret.batch on delete cascade,
  attempt      int,
  -- Null: the finding is about the batch as a whole.
  item         bigint,
  stage        text not null,
  step         text not null,
  code         text not null,
  code_id      text not null,
  type         text not null check (type in ('error', 'alert', 'warning')),
  -- Public and internal parameters. What may identify a patient is in "sealed".
  parameters   jsonb not null,
  sealed       bytea,
  place        jsonb not null,
  fingerprint  text not null,
  -- The decision that let the item go on in spite of it.
  decision     uuid,
  at           timestamptz not null
);
create index finding_by_batch on lazaret.finding (batch, attempt);
create index finding_by_run on lazaret.finding (run, item);

-- Exact counts, even where findings are only sampled.
create table lazaret.tally (
  run      uuid not null references lazaret.run on delete cascade,
  batch    uuid not null references lazaret.batch on delete cascade,
  attempt  int not null,
  step     text not null,
  code     text not null,
  field    text not null,
  count    bigint not null,
  primary key (batch, attempt, step, code, field)
);
create index tally_by_run on lazaret.tally (run);

-- Digests of source bytes that were delivered or held under a recipe: how a repeat is recognised.
create table lazaret.receipt (
  project      text not null,
  pipeline     text not null,
  recipe       text not null,
  digest       text not null,
  -- The item as it first arrived; replays of it do not change this.
  run          uuid not null references lazaret.run on delete cascade,
  no           bigint not null,
  disposition  text not null check (disposition in ('delivered', 'held')),
  primary key (project, pipeline, recipe, digest)
);

-- Effects outside the database, written down before they are done.
create table lazaret.intent (
  id          uuid primary key,
  run         uuid not null references lazaret.run on delete cascade,
  batch       uuid not null references lazaret.batch on delete cascade,
  attempt     int not null,
  kind        text not null,
  key         text not null,
  digest      text not null,
  state       text not null check (state in ('open', 'done', 'superseded')),
  opened_at   timestamptz not null,
  settled_at  timestamptz
);
create index intent_open on lazaret.intent (run) where state = 'open';

create table lazaret.delivery (
  id        uuid primary key,
  run       uuid not null references lazaret.run on delete cascade,
  batch     uuid not null references lazaret.batch on delete cascade,
  attempt   int not null,
  sink      text not null,
  key       text not null,
  digest    text not null,
  bytes     bigint not null,
  refs      int8multirange not null
);
create index delivery_by_batch on lazaret.delivery (batch, attempt);
create index delivery_by_run on lazaret.delivery (run);

-- What people decided. Append-only.
create table lazaret.decision (
  id         uuid primary key,
  project    text not null,
  kind       text not null check (kind in ('clear', 'unclear', 'release', 'replay', 'resolve', 'mute', 'reveal')),
  by         text not null,
  at         timestamptz not null,
  reason     text,
  selection  jsonb not null,
  -- The run that carried it out.
  run        uuid references lazaret.run
);

-- Over what: one row an item, with the code that was let go (releases) or none (replays).
create table lazaret.decision_item (
  decision  uuid not null references lazaret.decision,
  run       uuid not null,
  no        bigint not null,
  code      text,
  primary key (decision, run, no)
);

-- Items of a child run and where they come from. The root is the item as it first arrived.
create table lazaret.descent (
  run         uuid not null references lazaret.run on delete cascade,
  no          bigint not null,
  parent_run  uuid not null,
  parent_no   bigint not null,
  root_run    uuid not null,
  root_no     bigint not null,
  primary key (run, no)
);
create index descent_by_parent on lazaret.descent (parent_run, parent_no);

-- WARN and above, and the life of runs and steps.
create table lazaret.log (
  id        bigint generated always as identity primary key,
  at        timestamptz not null,
  level     text not null,
  run       uuid,
  incident  text,
  event     jsonb not null
);
create index log_by_run on lazaret.log (run, id);
create index log_by_incident on lazaret.log (incident) where incident is not null;

-- Only what an attempt published counts: everybody reads through these.
create view lazaret.published_outcome as
  select o.* from lazaret.outcome o
  join lazaret.batch b on b.id = o.batch and b.published_attempt = o.attempt;
create view lazaret.published_item as
  select i.* from lazaret.item i
  join lazaret.batch b on b.id = i.batch and b.published_attempt = i.attempt;
create view lazaret.published_finding as
  select f.* from lazaret.finding f
  left join lazaret.batch b on b.id = f.batch
  where f.batch is null or b.published_attempt = f.attempt;
create view lazaret.published_tally as
  select t.* from lazaret.tally t
  join lazaret.batch b on b.id = t.batch and b.published_attempt = t.attempt;
create view lazaret.published_delivery as
  select d.* from lazaret.delivery d
  join lazaret.batch b on b.id = d.batch and b.published_attempt = d.attempt;

-- Where an item stands now: held items that no later run has settled since.
create view lazaret.held_item as
  select i.* from lazaret.published_item i
  where i.disposition = 'held'
    and not exists (
      select 1 from lazaret.descent d
      join lazaret.published_outcome o on o.run = d.run and o.refs @> d.no
      where d.parent_run = i.run and d.parent_no = i.no);
