-- Who a participant of a centre is in the study, as it was loaded from a file. In buckets of
-- participants, as histories are: a batch fetches the few that its subjects lie in.
create table lazaret_forms.identifier_bucket (
  project       text not null,
  bucket        smallint not null check (bucket between 0 and 255),
  participants  int not null,
  -- Ids, centres and participants: sealed.
  payload       bytea not null,
  primary key (project, bucket)
);

create table lazaret_forms.identifier_table (
  project       text primary key,
  participants  int not null,
  -- Numbers of the centres that have participants in it.
  centres       text[] not null,
  loaded_at     timestamptz not null,
  loaded_by     text not null
);

-- What a drug service answered. Codes of a public vocabulary, linked to nobody; forgotten when they
-- are old, or when there are too many.
create table lazaret_forms.drug_answer (
  service      text not null,
  code         text not null,
  status       text not null,
  -- Months, `YYYY-MM`, in which the code was active; null: open, or never.
  active_from  text,
  active_to    text,
  asked_at     timestamptz not null,
  primary key (service, code)
);
create index drug_answer_by_age on lazaret_forms.drug_answer (service, asked_at);
