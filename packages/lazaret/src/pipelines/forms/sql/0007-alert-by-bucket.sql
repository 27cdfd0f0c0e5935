-- How each alert stands, as before. A key lies in one bucket: with the bucket among what is distinct,
-- whoever asks for some buckets does not have the alerts of all others sorted.
create or replace view lazaret_forms.alert as
  select distinct on (e.project, e.bucket, e.key) e.*,
    c.version, c.state as cleared_state, c.rule_digest as cleared_rule, c.clear,
    c.decision, c.by as cleared_by, c.at as cleared_at, c.reason
  from lazaret_forms.evaluation e
  join lazaret.batch b on b.id = e.batch and b.published_attempt = e.attempt
  left join lateral (
    select * from lazaret_forms.clearance c where c.project = e.project and c.key = e.key
    order by c.version desc limit 1
  ) c on true
  order by e.project, e.bucket, e.key, e.id desc;
