-- Repeats across policies. A recipe is everything that determines a result; the output recipe is
-- the part of it that determines the bytes that are delivered and the key they are delivered under.
-- Two recipes with one output differ in what they let through, and not in what leaves: what one of
-- them has delivered is not delivered a second time under the other.

alter table lazaret.run add column output text;
update lazaret.run set output = recipe;
alter table lazaret.run alter column output set not null;

alter table lazaret.receipt add column output text;
-- When the item came to stand like this.
alter table lazaret.receipt add column at timestamptz;
update lazaret.receipt t set output = t.recipe, at = coalesce(r.finished_at, r.created_at)
  from lazaret.run r where r.id = t.run;
alter table lazaret.receipt alter column output set not null;
alter table lazaret.receipt alter column at set not null;

-- Nothing twice: of two runs at once the second one's commit fails, and is made again.
create unique index receipt_delivered on lazaret.receipt (project, pipeline, digest, output)
  where disposition = 'delivered';

-- Two runs do not work on the same cut at the same time: this finds the other one.
create index batch_at_work on lazaret.batch (cut) where status = 'processing';

-- Where an item stands now: held items that no later run has settled since, neither as theirs
-- (lineage) nor by delivering the same bytes with the same output from another arrival.
create or replace view lazaret.held_item as
  select i.* from lazaret.published_item i
  where i.disposition = 'held'
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
