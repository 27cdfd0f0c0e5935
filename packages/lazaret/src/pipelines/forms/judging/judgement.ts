/** Judges a batch on a worker thread: one subject after the other, and of each all its modules. */
import type { Finding } from '@lazaret/faults';
import type { LotBatch, LotContext, LotResult, ToldItem } from '../../../engine/lot.ts';
import type { StepFinding } from '../../../engine/settle.ts';
import { visitHash, type KnownAlert } from '../alerts/alert.ts';
import { judgedOtherwise } from '../alerts/judged-otherwise.ts';
import { formsCodes } from '../codes.ts';
import { DeliveryWriter } from '../delivery-file.ts';
import { packVisits, unpackVisits, type KeptVisit } from '../history/kept-visit.ts';
import { SubjectHistory } from '../history/subject-history.ts';
import { Answers } from '../lookups/answers.ts';
import { IdentifierLookup } from '../lookups/identifier-lookup.ts';
import { LazyDigest } from '../history/value-digest.ts';
import { formsOfFile } from '../reading/file-forms.ts';
import { ValuePlaces } from '../reading/value-places.ts';
import type { FormRecord } from '../record.ts';
import { placeOfRecord } from '../record-place.ts';
import { originsOf, unpackPart } from '../record-lot.ts';
import { CivilDate } from '../rules/python/civil-date.ts';
import type { Prepared } from '../stages/judge.ts';
import { bucketOf, visitOf } from '../subject.ts';
import { partOf, partsOf } from '../subject-groups.ts';
import type { FormsTools } from '../tools.ts';
import { judgingCodes } from './codes.ts';
import { evaluate, findingOf, type EvaluationContext } from './evaluate.ts';
import type { EvaluatedAlert, Judged, RecallNotice } from './judged.ts';
import { looksAgain } from './second-look.ts';
import {
  isHeldAlready,
  settleVisits,
  type Candidate,
  type SettleContext,
  type VisitCase,
} from './settle-visits.ts';

export const STEP = 'form-qc-checker';

export function judgeBatch(batch: LotBatch, context: LotContext<FormsTools>): LotResult {
  const { configuration, schemas } = context.tools;
  const places = new ValuePlaces(({ path }) => formsOfFile(configuration, schemas, path));
  try {
    return new Judgement(batch, context, places).result();
  } finally {
    places.close();
  }
}

/** What came in of one subject, by module. */
type Coming = Map<string, Candidate[]>;

class Judgement {
  readonly #context: LotContext<FormsTools>;
  readonly #settling: SettleContext;
  readonly #lookup: IdentifierLookup;
  readonly #places: ValuePlaces;
  readonly #knownOfVisit = new Map<string, KnownAlert[]>();
  readonly #shortRuns: ReadonlyMap<string, string>;
  readonly #told: ToldItem[] = [];
  readonly #delivered: FormRecord[] = [];
  readonly #kept = new Map<number, KeptVisit[]>();
  readonly #segments: Judged['segments'][number][] = [];
  readonly #deliveries: DeliveryWriter;
  readonly #evaluations: EvaluatedAlert[] = [];
  readonly #findings: StepFinding[] = [];
  readonly #notices: RecallNotice[] = [];

  constructor(batch: LotBatch, context: LotContext<FormsTools>, places: ValuePlaces) {
    this.#context = context;
    this.#places = places;
    const { tools } = context;
    const { alerts, today, runs, lookedUp } = context.prepared as Prepared;
    const answers = new Answers(lookedUp, tools);
    this.#lookup = new IdentifierLookup(answers, tools.configuration.study.keys.subject, places);
    this.#shortRuns = new Map(runs);
    const known = new Map(alerts.map((alert) => [alert.key, alert]));
    for (const alert of alerts) addTo(this.#knownOfVisit, alert.visit, alert);
    const evaluation: EvaluationContext = {
      ...{ tools, known },
      answers: { today: dayOf(today), ...answers.forRules },
    };
    this.#settling = {
      run: context.batch.run,
      recipe: tools.recipe,
      evaluate: (evaluated, history) => evaluate(evaluated, history, evaluation),
      isJudgedOtherwise: judgedOtherwise(tools.key, this.#knownOfVisit),
    };
    const { configuration } = tools;
    this.#deliveries = new DeliveryWriter(configuration.study, tools.schemas);
    for (const lot of batch.lots) places.add(originsOf(lot));
    for (let part = 0; part < partsOf(configuration.groups); part += 1) {
      this.#judgePart(part, batch, context.prepared as Prepared);
    }
  }

  result(): LotResult {
    const segments = this.#segments.toSorted((a, b) => a.bucket - b.bucket);
    const kept: Judged = {
      files: this.#deliveries.files(),
      ...{ segments, evaluations: this.#evaluations, notices: this.#notices },
    };
    return {
      told: this.#lookup.tell(this.#told),
      onward: [{ cut: null, items: this.#deliveries.items(), content: new Uint8Array(0) }],
      findings: this.#findings,
      kept,
    };
  }

  /** Judges some subjects, and leaves nothing of their records but what is to be written. */
  #judgePart(part: number, batch: LotBatch, { segments, again }: Prepared): void {
    const { tools } = this.#context;
    const { groups } = tools.configuration;
    const coming = this.#bySubject(this.#recordsOf(part, batch), again);
    const kept = new Map<string, KeptVisit[]>();
    for (const { bucket, payload } of segments) {
      if (partOf(bucket, groups) !== part) continue;
      for (const version of unpackVisits(tools.key, payload, coming)) {
        addTo(kept, version.subject, version);
      }
    }
    for (const [subject, modules] of coming) {
      const history = new SubjectHistory();
      for (const version of kept.get(subject) ?? []) history.put(version);
      this.#judgeSubject(bucketOf(subject), modules, history);
    }
    for (const [bucket, visits] of this.#kept) {
      const payload = packVisits(tools.key, this.#settling, visits);
      this.#segments.push({ bucket, visits: visits.length, payload });
    }
    this.#kept.clear();
    this.#deliveries.write(this.#delivered);
    this.#delivered.length = 0;
  }

  #recordsOf(part: number, { lots, singles }: LotBatch): readonly FormRecord[] {
    const { groups, study } = this.#context.tools.configuration;
    const sentAgain = singles
      .map(({ item, value }): FormRecord => ({ ...(value as FormRecord), item }))
      .filter((record) => partOf(bucketOf(visitOf(record, study.keys).subject), groups) === part);
    return [...lots.flatMap((lot) => unpackPart(lot, part)), ...sentAgain];
  }

  #bySubject(records: readonly FormRecord[], again: boolean): Map<string, Coming> {
    const { keys, checks } = this.#context.tools.configuration.study;
    const coming = new Map<string, Coming>();
    const isJudged = checks.includes('form-qc-checker');
    for (const record of records) {
      if (!this.#lookup.apply(record)) continue;
      if (!isJudged) {
        // So it is no visit that others are judged by, and no alert of it is gone.
        this.#delivered.push(record);
        continue;
      }
      const { module, values } = record;
      const { subject, visit, date } = visitOf(record, keys);
      const digest = LazyDigest.of(values);
      const candidate = { subject, visit, date, module, values, record, digest, again };
      let modules = coming.get(subject);
      if (modules === undefined) coming.set(subject, (modules = new Map()));
      addTo(modules, module, candidate);
    }
    return coming;
  }

  /** Modules in the order of what they require; those that this study does not know are left. */
  #judgeSubject(bucket: number, coming: Coming, history: SubjectHistory): void {
    const { tools } = this.#context;
    for (const module of tools.order) {
      const arrived = coming.get(module);
      if (arrived === undefined && history.of(module).visits.length === 0) continue;
      const candidates = arrived === undefined ? [] : this.#choose(arrived, history);
      const cases = settleVisits(module, candidates, history, this.#settling);
      for (const one of cases) this.#conclude(one, bucket);
    }
  }

  /** The records that can be judged: one a visit, and none that is older than what is kept. */
  #choose(arrived: readonly Candidate[], history: SubjectHistory): readonly Candidate[] {
    const timely = arrived.filter((candidate) => {
      const { module, visit, digest, record, again } = candidate;
      const timeline = history.of(module);
      const isOlder = again && timeline.hasReplaced(visit, digest);
      if (!isOlder || timeline.get(visit)?.digest.equals(digest) === true) return true;
      this.#stop(
        record,
        'rejected',
        judgingCodes.finding('VisitSuperseded', {}, placeOfRecord(record)),
      );
      return false;
    });
    if (timely.length === 1) return timely;
    const chosen: Candidate[] = [];
    for (const versions of Map.groupBy(timely, ({ visit }) => visit).values()) {
      const first = versions.reduce((a, b) => (b.record.item < a.record.item ? b : a));
      if (versions.every(({ digest }) => digest.equals(first.digest))) {
        chosen.push(first);
        for (const one of versions)
          if (one !== first) this.#duplicate(one.record, first.record.item);
        continue;
      }
      for (const one of versions) this.#refuseTwice(one, versions);
    }
    return chosen;
  }

  /** Which of two versions in one run is right is not for us to say. */
  #refuseTwice({ record, digest }: Candidate, versions: readonly Candidate[]): void {
    const other = versions.find((version) => !version.digest.equals(digest));
    const at = other?.record.place ?? record.place;
    const isElsewhere = at.file !== record.place.file;
    const noun = at.pointer === undefined ? 'row' : 'record';
    const where = `${noun} ${at.record}${isElsewhere ? ` of file ${at.file + 1}` : ''}`;
    this.#stop(
      record,
      'rejected',
      formsCodes.finding('VisitTwice', { where }, placeOfRecord(record)),
    );
  }

  #conclude(one: VisitCase, bucket: number): void {
    const { candidate, kept, evaluation, version, repeats } = one;
    for (const { record } of repeats) this.#duplicate(record, kept?.id ?? '');
    if (evaluation === null) return;
    const { tools } = this.#context;
    if (version !== null && version !== kept) addTo(this.#kept, bucket, version);
    if (candidate === null) {
      if (version === null || kept === null) return;
      this.#keepAlerts(one, version.id);
      const second = looksAgain(one, tools.configuration.study.keys, this.#nameOf(version.id));
      if (second.finding !== null) this.#findings.push(asFound(second.finding));
      if (second.notice !== null) this.#notices.push(second.notice);
      return;
    }
    const { record } = candidate;
    if (isHeldAlready(candidate, kept, evaluation.verdict, tools.recipe)) {
      this.#keepAlerts(one, kept.id);
      this.#duplicate(record, kept.id);
      return;
    }
    this.#keepAlerts(one, `${this.#settling.run}/${record.item}`);
    this.#tell(candidate, evaluation);
  }

  #tell(
    { record, digest }: Candidate,
    { rules, verdict }: NonNullable<VisitCase['evaluation']>,
  ): void {
    const { item } = record;
    if (rules.length === 0) {
      this.#delivered.push(record);
      return;
    }
    const located = this.#places.locate(record);
    const findings = rules.map((rule) => ({
      ...{ step: STEP, finding: findingOf(rule, located), decision: rule.alert?.decision ?? null },
    }));
    if (verdict === 'pass') {
      this.#told.push({ item, findings, stopped: null, arrival: located });
      this.#delivered.push(record);
      return;
    }
    const deciding = findings.find(
      ({ finding, decision }) =>
        decision === null && (verdict === 'review' || finding.type === 'error'),
    );
    this.#told.push({
      ...{
        item,
        findings,
        arrival: located,
        digest: digest.text,
        facts: { module: record.module },
      },
      stopped: {
        disposition: verdict === 'fail' ? 'rejected' : 'held',
        code: deciding?.finding.code ?? '',
        step: STEP,
      },
    });
  }

  /** Alerts as they stand now, and those that are gone, under the item that brought the version. */
  #keepAlerts({ about, evaluation }: VisitCase, id: string): void {
    const rules = evaluation?.rules ?? [];
    if (rules.length === 0 && this.#knownOfVisit.size === 0) return;
    const { tools } = this.#context;
    const visit = visitHash(tools.key, about);
    const [itemRun = '', item = '0'] = id.split('/');
    const { subject, module } = about;
    const base = { bucket: bucketOf(subject), visit, module, itemRun, item: Number(item) };
    const raised = new Set<string>();
    for (const { alert } of rules) {
      if (alert === null || raised.has(alert.raised.key)) continue;
      raised.add(alert.raised.key);
      this.#evaluations.push({ ...base, key: alert.raised.key, raised: alert.raised });
    }
    for (const { key, standing } of this.#knownOfVisit.get(visit) ?? []) {
      if (standing === 'raised' && !raised.has(key)) {
        this.#evaluations.push({ ...base, key, raised: null });
      }
    }
  }

  /** @param of the version that stands for it, or the item of this run that does. */
  #duplicate(record: FormRecord, of: string | number): void {
    const [run = '', no = ''] = typeof of === 'string' ? of.split('/') : [];
    const finding = formsCodes.finding('VisitKnown', {}, placeOfRecord(record));
    const sameAs = typeof of === 'string' ? { run, item: Number(no) } : { run: null, item: of };
    this.#stop(record, 'duplicate', finding, sameAs);
  }

  #stop(
    record: FormRecord,
    disposition: 'rejected' | 'duplicate',
    finding: Finding,
    sameAs?: { readonly run: string | null; readonly item: number },
  ): void {
    const stopped = { disposition, code: finding.code, step: STEP };
    this.#told.push({
      ...{ item: record.item, findings: [asFound(finding)], arrival: record },
      stopped: sameAs === undefined ? stopped : { ...stopped, sameAs },
    });
  }

  /** An item as commands name it, `r_8k2f3d/17`. */
  #nameOf(id: string): string {
    const [run = '', no = ''] = id.split('/');
    return `${this.#shortRuns.get(run) ?? run}/${no}`;
  }
}

function asFound(finding: Finding): StepFinding {
  return { step: STEP, finding, decision: null };
}

function addTo<Name, One>(lists: Map<Name, One[]>, name: Name, one: One): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [one]);
  else list.push(one);
}

/** A civil date as it is written, `YYYY-MM-DD`. */
function dayOf(text: string): CivilDate {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  return new CivilDate(year, month, day);
}
