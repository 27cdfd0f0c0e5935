/** What two policies do differently, counted: by disposition, and by element. */
import type { Disposition } from '@lazaret/faults';
import { lookUp } from '../dicom/dictionary.ts';
import type { DeidentificationRecord } from '../dicom/deidentify-record.ts';
import { doneWord } from '../policy/meaning.ts';
import type { Judgement } from './judge.ts';

/** More changes than this are counted together: no person compares them one by one. */
const MAX_CHANGES = 5_000;

/** How an item stands, and under which code. */
export interface Standing {
  readonly disposition: Disposition;
  readonly code: string | null;
}

export interface DispositionChange {
  readonly before: Standing;
  readonly after: Standing;
  readonly items: number;
}

export interface ElementChange {
  /** The way to it, item numbers left out: `(0040,A730).(0040,A123)`. */
  readonly tag: string;
  readonly keyword: string;
  readonly vr: string;
  /** What is done with it: `removed`, `kept`. */
  readonly before: string;
  readonly after: string;
  readonly images: number;
  /** The kind of one image in which it is so. Never a value. */
  readonly example: { readonly modality: string };
}

export interface Differences {
  /** Items by how they would stand; only those that would stand otherwise are `changed`. */
  readonly before: Readonly<Partial<Record<Disposition, number>>>;
  readonly after: Readonly<Partial<Record<Disposition, number>>>;
  readonly changed: readonly DispositionChange[];
  /** Images that go out under both policies with other content. */
  readonly imagesChanged: number;
  readonly elements: readonly ElementChange[];
  /** Changes beyond those listed. */
  readonly elementsLeftOff: number;
}

export interface DifferenceCount {
  add(before: Judgement, after: Judgement, modality: string): void;
  result(): Differences;
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

export function countDifferences(): DifferenceCount {
  const standings = { before: {} as Counts, after: {} as Counts };
  const changed = new Map<string, Mutable<DispositionChange>>();
  const elements = new Map<string, Mutable<ElementChange>>();
  let imagesChanged = 0;
  let elementsLeftOff = 0;
  return {
    add(before, after, modality) {
      count(standings.before, before.disposition);
      count(standings.after, after.disposition);
      if (before.disposition !== after.disposition || before.code !== after.code) {
        const key = JSON.stringify([
          before.disposition,
          before.code,
          after.disposition,
          after.code,
        ]);
        const known = changed.get(key);
        if (known === undefined) {
          changed.set(key, { before: standingOf(before), after: standingOf(after), items: 1 });
        } else known.items += 1;
      }
      const areDelivered = before.disposition === 'delivered' && after.disposition === 'delivered';
      if (!areDelivered || before.record === null || after.record === null) return;
      const changes = changesOf(before.record, after.record);
      if (changes.length > 0) imagesChanged += 1;
      for (const change of changes) {
        const key = JSON.stringify(change);
        const known = elements.get(key);
        if (known !== undefined) known.images += 1;
        else if (elements.size >= MAX_CHANGES) elementsLeftOff += 1;
        else elements.set(key, { ...named(change), images: 1, example: { modality } });
      }
    },
    result: () => ({
      ...standings,
      changed: [...changed.values()].sort((a, b) => b.items - a.items),
      imagesChanged,
      elements: [...elements.values()].sort((a, b) => (a.tag < b.tag ? -1 : a.tag > b.tag ? 1 : 0)),
      elementsLeftOff,
    }),
  };
}

type Counts = Partial<Record<Disposition, number>>;

function count(counts: Counts, disposition: Disposition): void {
  counts[disposition] = (counts[disposition] ?? 0) + 1;
}

function standingOf({ disposition, code }: Judgement): Standing {
  return { disposition, code };
}

interface Change {
  readonly tag: string;
  readonly before: string;
  readonly after: string;
}

/** Elements with which something else is done. What no record names is kept. */
function changesOf(before: DeidentificationRecord, after: DeidentificationRecord): Change[] {
  const was = actionsOf(before);
  const is = actionsOf(after);
  const tags = new Set([...was.keys(), ...is.keys()]);
  return [...tags].flatMap((tag) => {
    // What is within a sequence goes with it: the sequence stands for it.
    if (isWithin(tag, was) || isWithin(tag, is)) return [];
    const change = {
      tag,
      before: doneWord(was.get(tag) ?? 'keep'),
      after: doneWord(is.get(tag) ?? 'keep'),
    };
    return change.before === change.after ? [] : [change];
  });
}

function actionsOf({ actions }: DeidentificationRecord): ReadonlyMap<string, string> {
  return new Map(actions.map(({ tag, action }) => [tag, action]));
}

/** Whether a sequence above was taken away, or replaced, as a whole. */
function isWithin(tag: string, actions: ReadonlyMap<string, string>): boolean {
  for (let at = tag.lastIndexOf('.'); at > 0; at = tag.lastIndexOf('.', at - 1)) {
    const action = actions.get(tag.slice(0, at));
    if (action !== undefined && action !== 'clean' && action !== 'descend') return true;
  }
  return false;
}

function named(change: Change): Change & Pick<ElementChange, 'keyword' | 'vr'> {
  const last = change.tag.slice(change.tag.lastIndexOf('.') + 1);
  const entry = lookUp(Number.parseInt(last.replace(/[(),]/g, ''), 16));
  return { ...change, keyword: entry?.keyword ?? '', vr: entry?.vrs[0] ?? '' };
}
