/** What was done to one file, without any value of it. */
import { formatTag } from './dictionary.ts';
import type { PathStep, Tag } from './element.ts';
import type { ProfileAction } from './profile-action.ts';

export interface DeidentificationRecord {
  /** Elements by what was done with them, nested ones included. What is clean already is kept. */
  readonly counts: Readonly<Record<ProfileAction, number>>;
  /** All that was not kept, item numbers left out: `(0040,A730).(0040,A123)`. */
  readonly actions: readonly {
    readonly tag: string;
    readonly action: ProfileAction;
    readonly count: number;
  }[];
  /** Elements that were to be cleaned, by what became of them. */
  readonly cleaned: readonly CleaningCount[];
  readonly notes: readonly DeidentificationNote[];
}

export interface CleaningCount {
  readonly tag: string;
  /** Nothing had to go. */
  readonly whole: number;
  readonly shortened: number;
  /** Nothing was left, and the Basic Profile was applied. */
  readonly emptied: number;
}

export interface DeidentificationNote {
  readonly kind:
    /** A date or time that is malformed, or no date to the day, was treated as the Basic Profile does. */
    | 'date-not-shiftable'
    /** A known element of VR UN was removed, because it cannot be given its VR back. */
    | 'unknown-vr-removed'
    /** A value that is none of its VR was cleaned as text is, or treated as the Basic Profile does. */
    | 'value-not-of-vr'
    /** An element under a VR that is not its own was treated as the Basic Profile does. */
    | 'vr-not-of-element'
    /** A word that names somebody was taken out of a text that belongs to the device. */
    | 'identifier-removed'
    /** An age of more than 90 years became 90. */
    | 'age-capped'
    /** A UID that is retained holds a date that is not. */
    | 'uid-holds-date'
    | 'source-without-instance-uid';
  readonly tag: string;
  readonly count: number;
}

type Cleaning = 'whole' | 'shortened' | 'emptied';

/** Counts on the way through a file. */
export class Recorder {
  readonly #counts: Record<ProfileAction, number> = {
    ...{ keep: 0, remove: 0, empty: 0, dummy: 0, uid: 0 },
    ...{ 'foreign-uid': 0, shift: 0, clean: 0, replace: 0, descend: 0 },
  };
  readonly #actions = new Map<string, { place: Place; action: ProfileAction; count: number }>();
  readonly #cleaned = new Map<string, Record<Cleaning, number> & { place: Place }>();
  readonly #notes = new Map<
    string,
    { kind: DeidentificationNote['kind']; place: Place; count: number }
  >();

  count(path: readonly PathStep[], tag: Tag, action: ProfileAction): void {
    this.#counts[action] += 1;
    if (action === 'keep' || action === 'descend' || action === 'foreign-uid') return;
    const key = keyOf(path, tag, action);
    const known = this.#actions.get(key);
    if (known !== undefined) known.count += 1;
    else this.#actions.set(key, { place: placeOf(path, tag), action, count: 1 });
  }

  clean(path: readonly PathStep[], tag: Tag, what: Cleaning): void {
    const key = keyOf(path, tag, 'clean');
    let known = this.#cleaned.get(key);
    if (known === undefined) {
      known = { place: placeOf(path, tag), whole: 0, shortened: 0, emptied: 0 };
      this.#cleaned.set(key, known);
    }
    known[what] += 1;
  }

  note(kind: DeidentificationNote['kind'], path: readonly PathStep[], tag: Tag): void {
    const key = keyOf(path, tag, kind);
    const known = this.#notes.get(key);
    if (known !== undefined) known.count += 1;
    else this.#notes.set(key, { kind, place: placeOf(path, tag), count: 1 });
  }

  record(): DeidentificationRecord {
    return {
      counts: this.#counts,
      actions: [...this.#actions.values()].map(named),
      cleaned: [...this.#cleaned.values()].map(named),
      notes: [...this.#notes.values()].map(named),
    };
  }
}

/** The way to an element without item numbers: the same for all frames of an image. */
type Place = readonly Tag[];

function placeOf(path: readonly PathStep[], tag: Tag): Place {
  return [...path.map((step) => step.tag), tag];
}

/** Made for each element that is counted: tags are not written out before somebody reads them. */
function keyOf(path: readonly PathStep[], tag: Tag, what: string): string {
  let key = `${what} ${tag}`;
  for (const step of path) key += ` ${step.tag}`;
  return key;
}

function named<T extends { readonly place: Place }>({ place, ...rest }: T) {
  return { tag: place.map(formatTag).join('.'), ...rest };
}
