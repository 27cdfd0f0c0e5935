-- Alerts as people meet them.

create index evaluation_by_visit on lazaret_forms.evaluation (project, visit);
create index clearance_by_decision on lazaret_forms.clearance (decision);

-- Evaluations that count.
create view lazaret_forms.published_evaluation as
  select e.* from lazaret_forms.evaluation e
  join lazaret.batch b on b.id = e.batch and b.published_attempt = e.attempt;

-- Each alert with its standing, in the words of the code: the one place where what checks found and
-- what people decided are joined for a list. What an alert was about is taken from the last time
-- that it was raised; an alert that is gone does not say it any more.
create view lazaret_forms.judged_alert as
  select a.project, a.bucket, a.key, a.visit, a.module, a.run, a.item_run, a.item, a.at,
    l.field, l.rule, l.code, l.rule_digest, l.state, l.detail,
    coalesce(a.version, 0) as version, a.clear, a.decision, a.cleared_by, a.cleared_at, a.reason,
    case
      when a.standing = 'gone' then 'closed'
      when a.version is null then 'new'
      when not a.clear then 'uncleared'
      when a.cleared_rule <> a.rule_digest then 'rule-changed'
      when a.cleared_state <> a.state then 'raised-again'
      else 'cleared'
    end as standing,
    -- When it was first raised as it is now.
    (select min(e.at) from lazaret_forms.published_evaluation e
      where e.project = a.project and e.key = a.key and e.standing = 'raised'
        and e.state = l.state and e.rule_digest = l.rule_digest) as since
  from lazaret_forms.alert a
  join lateral (
    select e.field, e.rule, e.code, e.rule_digest, e.state, e.detail
    from lazaret_forms.published_evaluation e
    where e.project = a.project and e.key = a.key and e.standing = 'raised'
    order by e.id desc limit 1
  ) l on true;
