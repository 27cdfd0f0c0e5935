/** The visits of one subject and module in their order, and what an evaluation may see of them. */
import type { FormValue } from '../record.ts';
import { compareVisits, type VisitOf } from '../subject.ts';
import { counts, type EarlierVisit, type KeptVisit } from './kept-visit.ts';
import type { LazyDigest } from './value-digest.ts';

/** Of each visit the latest version, earlier visits first. Few: a person has tens of visits. */
export class Timeline {
  readonly #visits: KeptVisit[] = [];
  /** Versions that another one has taken the place of, by visit and digest. */
  #replaced: Set<string> | null = null;

  /** Takes a version, in place of the one that its visit had. */
  put(version: KeptVisit): void {
    const visits = this.#visits;
    const last = visits.at(-1);
    if (last === undefined || (compareVisits(last, version) < 0 && this.#at(version.visit) < 0)) {
      visits.push(version);
      return;
    }
    const before = this.remove(version.visit);
    if (before !== null && !before.digest.equals(version.digest)) {
      this.#replaced ??= new Set();
      this.#replaced.add(`${before.visit} ${before.digest.text}`);
    }
    let at = visits.length;
    while (at > 0 && compareVisits(version, visits[at - 1] ?? version) < 0) at -= 1;
    visits.splice(at, 0, version);
  }

  remove(visit: string): KeptVisit | null {
    const at = this.#at(visit);
    return at < 0 ? null : (this.#visits.splice(at, 1)[0] ?? null);
  }

  get(visit: string): KeptVisit | null {
    return this.#visits[this.#at(visit)] ?? null;
  }

  /** Whether a version with these values was there, and another one has come since. */
  hasReplaced(visit: string, digest: LazyDigest): boolean {
    return this.#replaced?.has(`${visit} ${digest.text}`) === true;
  }

  get visits(): readonly KeptVisit[] {
    return this.#visits;
  }

  /**
   * The earlier visit that a rule of `current` looks at; null where there is none. A visit counts
   * with its latest version, if that is delivered or in review.
   */
  find(
    which: EarlierVisit,
    filled: readonly string[],
    current: Pick<VisitOf, 'date' | 'visit'>,
  ): KeptVisit | null {
    const visits = this.#visits;
    let found: KeptVisit | null = null;
    for (const version of visits) {
      if (compareVisits(version, current) >= 0) break;
      if (version.visit === current.visit || !counts(version)) continue;
      if (!isFilled(version, filled)) continue;
      found = version;
      if (which === 'initial') break;
    }
    return found;
  }

  #at(visit: string): number {
    const visits = this.#visits;
    for (let at = visits.length - 1; at >= 0; at -= 1) if (visits[at]?.visit === visit) return at;
    return -1;
  }
}

function isFilled({ values }: KeptVisit, fields: readonly string[]): boolean {
  for (const field of fields) if (isBlank(values[field])) return false;
  return true;
}

/** 0 is a value. */
function isBlank(value: FormValue | undefined): boolean {
  return value === undefined || value === null || value === '';
}
