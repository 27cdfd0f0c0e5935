-- Copies of originals, what is removed for good, and what was erased because somebody may ask for it.

alter table lazaret.decision drop constraint decision_kind_check;
alter table lazaret.decision add constraint decision_kind_check check (kind in
  ('clear', 'unclear', 'release', 'replay', 'resolve', 'mute', 'reveal', 'retain', 'erase'));

-- Whose data an item is, where the pipeline could tell: a keyed hash.
alter table lazaret.item add column subject text;
create index item_by_subject on lazaret.item (subject) where subject is not null;

-- A sealed copy of an original, under the item as it first arrived.
create table lazaret.copy (
  run           uuid not null references lazaret.run on delete cascade,
  no            bigint not null,
  -- Its file in the folder of copies: a keyed hash.
  name          text not null,
  -- Of the original.
  bytes         bigint not null,
  sha256        text not null,
  -- Of the file.
  sealed_bytes  bigint not null,
  key_id        text not null,
  state         text not null check (state in ('kept', 'removed')),
  made_at       timestamptz not null,
  removed_at    timestamptz,
  primary key (run, no)
);
create index copy_kept on lazaret.copy (made_at) where state = 'kept';

-- Files that a decision removes, written down before they are, so that whoever comes after a crash
-- goes on where it was.
create table lazaret.removal (
  id          uuid primary key,
  decision    uuid not null references lazaret.decision,
  kind        text not null check (kind in ('copy', 'delivery')),
  -- The run whose configuration says where the file is.
  run         uuid not null references lazaret.run on delete cascade,
  key         text not null,
  state       text not null check (state in ('open', 'done', 'missing')),
  opened_at   timestamptz not null,
  settled_at  timestamptz
);
create index removal_open on lazaret.removal (opened_at) where state = 'open';

-- Items whose content was erased. Their outcomes stay, so that the sum still holds.
create table lazaret.erased (
  run       uuid not null references lazaret.run on delete cascade,
  no        bigint not null,
  decision  uuid not null references lazaret.decision,
  primary key (run, no)
);

-- How erased content is recognised if it comes again: keyed hashes of its bytes, or of whose it is.
create table lazaret.erased_mark (
  project   text not null,
  kind      text not null check (kind in ('bytes', 'subject')),
  hash      text not null,
  decision  uuid not null references lazaret.decision,
  primary key (project, kind, hash)
);

create or replace view lazaret.published_item as
  select i.* from lazaret.item i
  join lazaret.batch b on b.id = i.batch and b.published_attempt = i.attempt;

create or replace view lazaret.held_item as
  select i.* from lazaret.published_item i
  where i.disposition = 'held'
    and not exists (
      select 1 from lazaret.erased e where e.run = i.run and e.no = i.no)
    and not exists (
      select 1 from lazaret.descent d
      join lazaret.published_outcome o on o.run = d.run and o.refs @> d.no
      where d.parent_run = i.run and d.parent_no = i.no)
    and not exists (
      select 1 from lazaret.run r
      join lazaret.batch b on b.id = i.batch
      join lazaret.receipt t on t.project = r.project and t.pipeline = r.pipeline
        and t.digest = i.digest and t.output = r.output
      where r.id = i.run and t.disposition = 'delivered' and t.at > b.finished_at);
