/** A finding as documents tell it: in words, with the values and the person that it is about. */
import {
  createCatalogue,
  messageParts,
  type NamedEntry,
  type Parameters,
  type Place,
} from '@lazaret/faults';
import type { ProjectKey } from '../../../identity/keys.ts';
import { engineCodes } from '../../../engine/codes.ts';
import { openFinding } from '../../../engine/stage-rows.ts';
import type { Db } from '../../../store/open.ts';
import { formsEntries } from '../all-codes.ts';
import { findClearances, type AlertClearance } from './alert-clearances.ts';
import type { Check, SubjectKeys } from '../study.ts';
import type { FiledRun, RunFile } from './filed-run.ts';
import { columnOf, shownCode } from './found-kinds.ts';
import { keptFindings, type KeptFinding } from './kept-findings.ts';
import { openArrivals } from './record-arrivals.ts';
import { bareAbout, type RecordAbout } from './record-about.ts';

export interface Mistake {
  readonly type: 'error' | 'alert';
  readonly entry: NamedEntry;
  readonly parameters: Parameters;
  /** The entry's name, or the code that a rule's author gave it. */
  readonly code: string;
  readonly place: Place;
  readonly column: string;
  /** As the sender wrote it; empty where the cell is. Null: it is not about one value. */
  readonly value: string | null;
  readonly expected: string;
  readonly message: string;
  readonly action: string;
  readonly about: RecordAbout;
  /** About the file as a whole, and not about a record. */
  readonly isOfFile: boolean;
  /** Of alerts: which one, and what people decided about it. */
  readonly alert: ({ readonly key: string } & AlertClearance) | null;
  readonly at: Date;
}

/** Where mistakes come from. */
export interface MistakeSource {
  readonly db: Db;
  readonly key: ProjectKey;
  readonly keys: SubjectKeys;
  readonly run: FiledRun;
  /** Whom items are about of which the engine keeps nothing, by run and number: `<run>/<no>`. */
  readonly abouts: ReadonlyMap<string, RecordAbout>;
}

/** About a file and not about a value: the place says no more than the code. */
const SPECIAL = new Set(['EmptyFile', 'MissingHeader', 'IncorrectColumnName']);

const GROUP = 1_000;

/** Findings of the engine may stand beside ours. */
const catalogue = createCatalogue(formsEntries, engineCodes.entries);

/**
 * What one check found about a file, in the order of its records. Only what still stands: an item
 * that was sent in again counts as it is now.
 */
export async function* mistakesOf(
  source: MistakeSource,
  file: RunFile,
  check: Check,
  onPast: (mistake: Mistake) => void = () => undefined,
): AsyncGenerator<Mistake> {
  let group: KeptFinding[] = [];
  for await (const finding of keptFindings(source.db, source.run, file, check)) {
    group.push(finding);
    if (group.length < GROUP) continue;
    yield* await openGroup(source, file, group, onPast);
    group = [];
  }
  yield* await openGroup(source, file, group, onPast);
}

export function isSpecial({ entry }: Pick<Mistake, 'entry'>): boolean {
  return SPECIAL.has(entry.name);
}

async function openGroup(
  source: MistakeSource,
  file: RunFile,
  group: readonly KeptFinding[],
  onPast: (mistake: Mistake) => void,
): Promise<Mistake[]> {
  const { db, key, keys, run, abouts } = source;
  const arrivals = await openArrivals(db, key, keys, group);
  const alerts = group.flatMap((finding) => (finding.current ? (alertOf(finding) ?? []) : []));
  const clearanceOf = await findClearances(db, run.project, [...new Set(alerts)]);
  const opened: Mistake[] = [];
  for (const finding of group) {
    const life = `${finding.run}/${finding.no}`;
    const about = arrivals.get(life) ?? abouts.get(life) ?? bareAbout(file.file);
    const mistake = openMistake(source, finding, about, clearanceOf);
    if (finding.current) opened.push(mistake);
    else onPast(mistake);
  }
  return opened;
}

function alertOf({ type, parameters }: KeptFinding): string | null {
  const key = parameters['alert'];
  return type === 'alert' && typeof key === 'string' ? key : null;
}

function openMistake(
  { key }: MistakeSource,
  finding: KeptFinding,
  about: RecordAbout,
  clearanceOf: (key: string) => AlertClearance,
): Mistake {
  const { code, type, sealed, at } = finding;
  const entry = catalogue.entryOf({ code });
  const parameters: Parameters = {
    ...finding.parameters,
    ...(sealed === null ? {} : openFinding(key, sealed)),
  };
  const place: Place = finding.place;
  const { message, action } = messageParts(entry, parameters, {}, 'caller');
  const alert = alertOf(finding);
  return {
    type: type === 'alert' ? 'alert' : 'error',
    ...{ entry, parameters, place, message, action, about, at },
    code: shownCode(code, parameters),
    isOfFile: finding.item === null,
    column: columnOf(place),
    value: textOf(parameters['value']),
    expected: textOf(parameters['expected']) ?? '',
    alert: alert === null ? null : { key: alert, ...clearanceOf(alert) },
  };
}

function textOf(value: Parameters[string] | undefined): string | null {
  if (value === undefined) return null;
  return typeof value === 'object' ? value.join(', ') : String(value);
}
