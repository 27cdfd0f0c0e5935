/**
 * *Judge*: the records of a group of subjects, each beside the earlier visits of its subject.
 *
 * The main thread fetches what is kept of the subjects (`judge-store.ts`), a worker thread does all
 * the rest, and the main thread delivers what is sound and keeps what there is to remember.
 */
import type { Finding } from '@lazaret/faults';
import type { LotBatch, LotContext, LotResult, LotWork, ToldItem } from '../../../engine/lot.ts';
import { visitHash, type KnownAlert } from '../alerts/alert.ts';
import { formsCodes } from '../codes.ts';
import { deliverFiles } from '../deliver.ts';
import { writeDeliveries, type DeliveryFile } from '../delivery-file.ts';
import { keepFound } from '../documents/file-table.ts';
import { digestOf, packVisits, unpackVisits, type KeptVisit } from '../history/kept-visit.ts';
import { Histories } from '../history/timeline.ts';
import type { FormRecord } from '../record.ts';
import { unpackRecords } from '../record-lot.ts';
import { CivilDate } from '../rules/python/civil-date.ts';
import { bucketOf, compareVisits, visitOf, type VisitOf } from '../subject.ts';
import type { FormsTools } from '../tools.ts';
import { evaluate, type Evaluation, type RaisedAlert } from './evaluate.ts';
import { fetchKept, keepJudged, type FetchedHistory } from './judge-store.ts';

/** What the worker hands to `finish`. */
export interface Judged {
  /** Sound records, as they are delivered. */
  readonly files: readonly DeliveryFile[];
  readonly segments: readonly {
    readonly bucket: number;
    readonly visits: number;
    readonly payload: Uint8Array;
  }[];
  readonly evaluations: readonly EvaluatedAlert[];
}

export interface EvaluatedAlert {
  readonly bucket: number;
  readonly visit: string;
  readonly module: string;
  readonly itemRun: string;
  readonly item: number;
  readonly key: string;
  /** Null: it is gone. */
  readonly raised: RaisedAlert | null;
}

interface Candidate extends VisitOf {
  readonly record: FormRecord;
  readonly digest: string;
  /** Sent in again by a person, and not met in a file. */
  readonly again: boolean;
}

export const judge: LotWork<FormsTools> = {
  prepare: (batch, context) => fetchKept(batch, context),
  work: (batch, context) => Promise.resolve(new Judgement(batch, context).result()),
  async finish(result, context) {
    const { kept } = result;
    const judged = kept as Judged;
    await keepJudged(judged, context);
    await keepFound(result, context);
    return deliverFiles(judged.files, context);
  },
  arrivalsOf: (lot) => unpackRecords(lot),
};

class Judgement {
  readonly #context: LotContext<FormsTools>;
  readonly #today: CivilDate;
  readonly #histories = new Histories();
  readonly #known = new Map<string, KnownAlert>();
  readonly #knownOfVisit = new Map<string, KnownAlert[]>();
  readonly #told: ToldItem[] = [];
  readonly #delivered: FormRecord[] = [];
  readonly #kept = new Map<number, KeptVisit[]>();
  readonly #evaluations: EvaluatedAlert[] = [];

  constructor({ lots, singles }: LotBatch, context: LotContext<FormsTools>) {
    this.#context = context;
    const { tools, prepared } = context;
    const { segments, alerts, today } = prepared as FetchedHistory;
    this.#today = dayOf(today);
    for (const segment of segments) {
      for (const version of unpackVisits(tools.key, segment)) this.#histories.put(version);
    }
    for (const alert of alerts) {
      this.#known.set(alert.key, alert);
      const others = this.#knownOfVisit.get(alert.visit);
      if (others === undefined) this.#knownOfVisit.set(alert.visit, [alert]);
      else others.push(alert);
    }
    const { keys } = tools.configuration.study;
    const candidate = (record: FormRecord, again: boolean): Candidate => ({
      ...visitOf(record, keys),
      ...{ record, again, digest: digestOf(record.values) },
    });
    const candidates = [
      ...lots.flatMap((lot) => unpackRecords(lot).map((record) => candidate(record, false))),
      ...singles.map(({ item, value }) => candidate({ ...(value as FormRecord), item }, true)),
    ];
    // Earlier visits first, so that later ones see them; within a visit by item.
    candidates.sort((a, b) => compareVisits(a, b) || a.record.item - b.record.item);
    for (const one of this.#withoutTwins(candidates)) this.#judge(one);
  }

  result(): LotResult {
    const { tools } = this.#context;
    const segments = [...this.#kept].map(([bucket, visits]) => ({
      ...{ bucket, visits: visits.length },
      payload: packVisits(tools.key, tools.recipe, visits),
    }));
    const files = writeDeliveries(this.#delivered, tools.configuration.study, tools.schemas);
    const kept: Judged = { files, segments, evaluations: this.#evaluations };
    const items = this.#delivered.map(({ item }) => item);
    return {
      told: this.#told,
      onward: [{ cut: null, items, content: new Uint8Array(0) }],
      kept,
    };
  }

  /** Two versions of a visit in one run: equal ones are one, others nobody can choose between. */
  #withoutTwins(candidates: readonly Candidate[]): Candidate[] {
    const single: Candidate[] = [];
    const byVisit = Map.groupBy(candidates, ({ subject, visit, record }) =>
      JSON.stringify([record.module, subject, visit]),
    );
    for (const versions of byVisit.values()) {
      const [first, ...others] = versions;
      if (first === undefined) continue;
      if (others.every(({ digest }) => digest === first.digest)) {
        single.push(first);
        for (const { record } of others) this.#duplicate(record, null, first.record.item);
        continue;
      }
      for (const version of versions) {
        const other = versions.find(({ digest }) => digest !== version.digest) ?? first;
        const at = placeOf(version.record);
        const parameters = { record: other.record.place.record };
        this.#reject(version.record, formsCodes.finding('VisitTwice', parameters, at));
      }
    }
    return single.sort((a, b) => compareVisits(a, b) || a.record.item - b.record.item);
  }

  #judge(candidate: Candidate): void {
    const { record, digest, again } = candidate;
    const { tools, batch } = this.#context;
    if (!tools.configuration.study.checks.includes('form-qc-checker')) {
      // Not judged: so it is no visit that others are judged by, and no alert of it is gone.
      this.#delivered.push(record);
      return;
    }
    const before = this.#histories.of(candidate.subject, record.module).get(candidate.visit);
    const isSame = before?.digest === digest && before.recipe === tools.recipe;
    if (isSame && before.standing === 'delivered') {
      this.#duplicate(record, before.id);
      return;
    }
    const evaluation = evaluate(record, candidate, {
      ...{ tools, histories: this.#histories, known: this.#known, today: this.#today },
    });
    if (isSame && evaluation.verdict === 'review' && !again) {
      this.#duplicate(record, before.id);
      return;
    }
    this.#remember(candidate, evaluation, `${batch.run}/${record.item}`);
    const findings = evaluation.findings.map((found) => ({ step: STEP, ...found }));
    if (evaluation.verdict === 'pass') {
      if (findings.length > 0) {
        this.#told.push({ item: record.item, findings, stopped: null, arrival: record });
      }
      this.#delivered.push(record);
      return;
    }
    const open = evaluation.findings.find(
      ({ finding, decision }) =>
        decision === null && (evaluation.verdict === 'review' || finding.type === 'error'),
    );
    this.#told.push({
      item: record.item,
      findings,
      stopped: {
        disposition: evaluation.verdict === 'fail' ? 'rejected' : 'held',
        code: open?.finding.code ?? '',
        step: STEP,
      },
      arrival: record,
      digest,
      facts: { module: record.module },
    });
  }

  #remember(candidate: Candidate, evaluation: Evaluation, id: string): void {
    const { subject, visit, date, digest, record } = candidate;
    const { tools } = this.#context;
    const bucket = bucketOf(subject);
    const named = visitHash(tools.key, { ...candidate, module: record.module });
    const [itemRun = '', item = '0'] = id.split('/');
    const base = { bucket, visit: named, module: record.module, itemRun, item: Number(item) };
    const raised = new Set<string>();
    for (const alert of evaluation.alerts) {
      raised.add(alert.key);
      this.#evaluations.push({ ...base, key: alert.key, raised: alert });
    }
    for (const { key, standing } of this.#knownOfVisit.get(named) ?? []) {
      if (standing === 'raised' && !raised.has(key)) {
        this.#evaluations.push({ ...base, key, raised: null });
      }
    }
    // Only sound versions count as an earlier visit of a later one.
    if (evaluation.verdict === 'fail') return;
    const version: KeptVisit = {
      ...{ id, subject, visit, date, digest, module: record.module, values: record.values },
      recipe: tools.recipe,
      standing: evaluation.verdict === 'pass' ? 'delivered' : 'held',
      reads: evaluation.reads,
    };
    this.#histories.put(version);
    const kept = this.#kept.get(bucket);
    if (kept === undefined) this.#kept.set(bucket, [version]);
    else kept.push(version);
  }

  #duplicate(record: FormRecord, id: string | null, item = 0): void {
    const [run, no] = id === null ? [null, item] : (id.split('/') as [string, string]);
    const finding = formsCodes.finding('VisitKnown', {}, placeOf(record));
    this.#told.push({
      item: record.item,
      findings: [{ step: STEP, finding, decision: null }],
      stopped: {
        ...{ disposition: 'duplicate', code: finding.code, step: STEP },
        sameAs: { run, item: Number(no) },
      },
      arrival: record,
    });
  }

  #reject(record: FormRecord, finding: Finding): void {
    this.#told.push({
      item: record.item,
      findings: [{ step: STEP, finding, decision: null }],
      stopped: { disposition: 'rejected', code: finding.code, step: STEP },
      arrival: record,
    });
  }
}

const STEP = 'form-qc-checker';

function placeOf({ item, place }: FormRecord): {
  readonly item: number;
  readonly line: number;
  readonly record: number;
  readonly offset: number;
} {
  const { line, record, offset } = place;
  return { item, line, record, offset };
}

/** A civil date as it is written, `YYYY-MM-DD`. */
function dayOf(text: string): CivilDate {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  return new CivilDate(year, month, day);
}
