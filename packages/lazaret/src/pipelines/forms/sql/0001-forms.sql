-- What forms keep beside the engine's tables: the visits of subjects, and what people judged.
create schema if not exists lazaret_forms;

-- Versions of visits, a bucket of subjects at a time. Only added to: of a visit the latest version
-- counts, and what an attempt adds counts when it is published.
create table lazaret_forms.segment (
  id       bigint generated always as identity primary key,
  project  text not null,
  bucket   smallint not null check (bucket between 0 and 255),
  run      uuid not null references lazaret.run on delete cascade,
  batch    uuid not null references lazaret.batch on delete cascade,
  attempt  int not null,
  visits   int not null,
  payload  bytea not null
);
create index segment_by_bucket on lazaret_forms.segment (project, bucket);
create index segment_by_batch on lazaret_forms.segment (batch, attempt);

-- How an alert stood when a visit was evaluated. Of a key the latest row counts.
create table lazaret_forms.evaluation (
  id           bigint generated always as identity primary key,
  project      text not null,
  bucket       smallint not null,
  -- Keyed hash over rule, subject, module, visit and field.
  key          text not null,
  -- Keyed hash over subject, module and visit.
  visit        text not null,
  run          uuid not null references lazaret.run on delete cascade,
  batch        uuid not null references lazaret.batch on delete cascade,
  attempt      int not null,
  -- The item that brought the version of the visit that was evaluated.
  item_run     uuid not null,
  item         bigint not null,
  module       text not null,
  field        text not null,
  rule         text not null,
  code         text not null,
  rule_digest  text not null,
  -- Keyed hash over the rule and the values that it read.
  state        text not null,
  standing     text not null check (standing in ('raised', 'gone')),
  -- Subject, visit, message and values: sealed.
  detail       bytea,
  at           timestamptz not null
);
create index evaluation_by_bucket on lazaret_forms.evaluation (project, bucket);
create index evaluation_by_key on lazaret_forms.evaluation (project, key, id);
create index evaluation_by_batch on lazaret_forms.evaluation (batch, attempt);

-- What people decided about alerts. Append-only; the version is what two people collide on.
create table lazaret_forms.clearance (
  project      text not null,
  key          text not null,
  version      int not null,
  bucket       smallint not null,
  state        text not null,
  rule_digest  text not null,
  clear        boolean not null,
  decision     uuid not null references lazaret.decision,
  by           text not null,
  at           timestamptz not null,
  reason       text not null,
  primary key (project, key, version)
);
create index clearance_by_bucket on lazaret_forms.clearance (project, bucket);

create view lazaret_forms.published_segment as
  select s.* from lazaret_forms.segment s
  join lazaret.batch b on b.id = s.batch and b.published_attempt = s.attempt;

-- How each alert stands: the latest evaluation that was published, with the latest clearance.
create view lazaret_forms.alert as
  select distinct on (e.project, e.key) e.*,
    c.version, c.state as cleared_state, c.rule_digest as cleared_rule, c.clear,
    c.decision, c.by as cleared_by, c.at as cleared_at, c.reason
  from lazaret_forms.evaluation e
  join lazaret.batch b on b.id = e.batch and b.published_attempt = e.attempt
  left join lateral (
    select * from lazaret_forms.clearance c where c.project = e.project and c.key = e.key
    order by c.version desc limit 1
  ) c on true
  order by e.project, e.key, e.id desc;
