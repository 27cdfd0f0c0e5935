/** `lazaret rules why`: the rule, the values that it read, and the visits that they came from. */
import { engineCodes } from '../engine/codes.ts';
import { parseItems } from '../engine/selection.ts';
import type { Application } from '../main.ts';
import { alertName } from '../pipelines/forms/alerts/alert.ts';
import { openDetail, type AlertDetail } from '../pipelines/forms/alerts/alert-detail.ts';
import {
  selectAlerts,
  type Alert,
  type Standing,
} from '../pipelines/forms/alerts/alert-selection.ts';
import { ruleDefinition } from '../pipelines/forms/alerts/rule-definition.ts';
import { refuseErasedItem } from '../pipelines/forms/erasure/erased-before.ts';
import { pipeline as forms } from '../pipelines/forms/index.ts';
import type { VisitNeighbours } from '../pipelines/forms/history/dependency.ts';
import type { VisitRead } from '../pipelines/forms/history/kept-visit.ts';
import type { JudgedRule } from '../pipelines/forms/judging/evaluate.ts';
import {
  checkAgain,
  type CheckedRecord,
} from '../pipelines/forms/rules-over-time/checked-record.ts';
import { CHECKS } from '../pipelines/forms/study.ts';
import type { RunRow } from '../store/runs.ts';
import { cliCodes } from './codes.ts';
import { EXIT, type Execute } from './command.ts';
import { recordReveal } from './reveal.ts';
import { shownNeighbours } from './visit-neighbours.ts';

export interface RulesWhyInput {
  readonly project: string;
  readonly user: string;
  /** An alert, or the item that brought a visit. */
  readonly name: string;
  /** Of an item: only this rule, by its code or its name. */
  readonly code?: string;
  /** Show whom it is about and the values read: the look is recorded. */
  readonly reveal: boolean;
}

/** One rule that fired, and what it went by. */
export interface FiredRule {
  readonly type: 'error' | 'alert';
  readonly code: string;
  readonly field: string;
  readonly rule: string;
  /** As its author wrote it; null where the run has no such rule. */
  readonly definition: unknown;
  readonly message: string;
  /** Null: an error. */
  readonly alert: string | null;
  readonly standing: Standing | null;
  /** The fields that it read, without their values. */
  readonly read: readonly { readonly visit: string; readonly field: string }[];
  /** The values, only where that was asked for. */
  readonly values?: AlertDetail['values'];
}

export interface RulesWhyDocument {
  /** `r_8k2f3d/17`: the item that brought the visit. */
  readonly item: string;
  readonly line: number | null;
  readonly record: number | null;
  readonly module: string;
  /** The run whose rules and whose day these are. */
  readonly run: string;
  readonly fired: readonly FiredRule[];
  /** The other visits that the rules looked at in that run; without an item: there was none. */
  readonly beside: readonly {
    readonly visit: VisitRead['visit'];
    readonly module: string;
    readonly item: string | null;
  }[];
  /** As visits depend on each other now; null where no version that the item brought counts. */
  readonly neighbours: VisitNeighbours | null;
  /** Only where that was asked for. */
  readonly revealed?: { readonly subject: string; readonly visit: string };
}

/** What is asked about, before anything sealed of it is shown. */
interface Asked {
  readonly item: { readonly run: string; readonly no: number; readonly name: string };
  readonly checkedBy: RunRow;
  readonly checked: CheckedRecord | null;
  readonly module: string;
  readonly fired: readonly (Omit<FiredRule, 'values'> & {
    readonly values: AlertDetail['values'];
  })[];
  readonly about: { readonly subject: string; readonly visit: string } | null;
}

/**
 * @throws AlertNotFound, AlertNameShort, RecordErased, ItemNotFound, RunNotFound, UsageWrong,
 *   SealKeyDiffers
 */
export const rulesWhy: Execute<RulesWhyInput> = async (application, input) => {
  const { name, code, project, user, reveal } = input;
  const asked = name.startsWith('a_')
    ? await askedByAlert(application, project, name)
    : await askedByItem(application, project, name, code);
  const { item, checkedBy, checked, module, fired, about } = asked;
  if (reveal) {
    await recordReveal(application, {
      ...{ project, user, reason: null },
      selection: name.startsWith('a_') ? { alerts: [name] } : { items: [name] },
      items: [{ run: item.run, no: item.no }],
    });
  }
  const document: RulesWhyDocument = {
    item: item.name,
    line: checked?.line ?? null,
    record: checked?.record ?? null,
    module,
    run: checkedBy.short,
    fired: fired.map(({ values, ...rule }) => (reveal ? { ...rule, values } : rule)),
    beside: await besideOf(application, checked?.reads ?? []),
    neighbours:
      about === null
        ? null
        : await shownNeighbours(application, {
            ...{ project, subject: about.subject, item: `${item.run}/${item.no}` },
          }),
    ...(reveal && about !== null ? { revealed: about } : {}),
  };
  return { document, exit: EXIT.complete };
};

/** What an alert went by is kept with it; a check of its record tells which visits that was. */
async function askedByAlert(
  application: Application,
  project: string,
  name: string,
): Promise<Asked> {
  const { store, engine } = application;
  const [alert] = await selectAlerts(store.db, { project, names: [name] }, { limit: 1 });
  if (alert === undefined) throw new Error('A name that was found fits no alert.');
  const key = await engine.keyOf(project);
  const detail = alert.detail === null ? null : openDetail(key, alert.detail);
  const checkedBy = await engine.find(alert.run);
  const item = { run: alert.itemRun, no: alert.itemNo, name: alert.item };
  return {
    ...{ item, checkedBy, module: alert.module },
    checked: await checkAgain(store.db, key, item, checkedBy),
    fired: [
      {
        ...{ type: 'alert', code: alert.code, field: alert.field, rule: alert.rule },
        definition: ruleDefinition(checkedBy.configuration, alert),
        message: detail?.message ?? '',
        alert: alertName(alert.key),
        standing: alert.standing,
        read: fieldsOf(detail?.values ?? []),
        values: detail?.values ?? [],
      },
    ],
    about: detail === null ? null : { subject: detail.subject, visit: detail.visit },
  };
}

async function askedByItem(
  application: Application,
  project: string,
  name: string,
  code: string | undefined,
): Promise<Asked> {
  const { store, engine } = application;
  const { run: short, first: no, last } = parseItems(name);
  const checkedBy = await engine.find(short);
  const isAnother = checkedBy.pipeline !== forms.name || checkedBy.project !== project;
  if (isAnother || last !== no) throw engineCodes.fault('ItemNotFound', { item: name });
  const item = { run: checkedBy.id, no, name };
  await refuseErasedItem(store.db, item);
  await refuseUnjudged(application, item);
  const key = await engine.keyOf(project);
  const checked = await checkAgain(store.db, key, item, checkedBy);
  if (checked === null) throw engineCodes.fault('ItemNotFound', { item: name });
  const alerts = await selectAlerts(
    store.db,
    { project, names: [name], standing: 'all' },
    { limit: MOST_ALERTS },
  );
  const known = new Map(alerts.map((alert) => [alert.key, alert]));
  const { module, subject, visit } = checked.about;
  const wanted = checked.rules.filter(({ broken }) =>
    code === undefined ? true : [broken.code, broken.rule].includes(code),
  );
  return {
    ...{ item, checkedBy, checked, module, about: { subject, visit } },
    fired: wanted.map((rule) => firedRule(rule, module, checkedBy, known)),
  };
}

/** Rules of one visit that may ask for a look. */
const MOST_ALERTS = 10_000;

/** @throws UsageWrong where a check before the rules has stopped the item */
async function refuseUnjudged(
  { store }: Application,
  { run, no, name }: Asked['item'],
): Promise<void> {
  const row = await store.db
    .selectFrom('lazaret.published_item')
    .select('step')
    .where('run', '=', run)
    .where('no', '=', no)
    .executeTakeFirst();
  const [, , judge] = CHECKS;
  if (row === undefined || row.step === judge) return;
  throw cliCodes.fault('UsageWrong', {
    problem: `${name} was stopped by ${row.step}, before any rule looked at it`,
  });
}

function firedRule(
  { broken, alert }: JudgedRule,
  module: string,
  { configuration }: RunRow,
  known: ReadonlyMap<string, Alert>,
): Asked['fired'][number] {
  const { type, code, field, rule, text, reads } = broken;
  return {
    ...{ type, code, field, rule, message: text },
    definition: ruleDefinition(configuration, { module, field, rule }),
    alert: alert === null ? null : alertName(alert.raised.key),
    standing: alert === null ? null : (known.get(alert.raised.key)?.standing ?? null),
    read: fieldsOf(reads),
    values: reads,
  };
}

function fieldsOf(values: AlertDetail['values']): FiredRule['read'] {
  return values.map(({ visit, field }) => ({ visit, field }));
}

/** Each visit once, however many rules looked at it. */
async function besideOf(
  { engine }: Application,
  reads: readonly VisitRead[],
): Promise<RulesWhyDocument['beside']> {
  const beside = new Map<string, RulesWhyDocument['beside'][number]>();
  for (const { visit, module, id } of reads) {
    const [run = '', no = ''] = id?.split('/') ?? [];
    const item = id === null ? null : `${(await engine.find(run)).short}/${no}`;
    beside.set(JSON.stringify([visit, module, item]), { visit, module, item });
  }
  return [...beside.values()];
}
