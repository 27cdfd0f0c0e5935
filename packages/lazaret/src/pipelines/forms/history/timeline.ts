/** The visits of one subject and module in their order, and what an evaluation may see of them. */
import type { FormValue } from '../record.ts';
import { compareVisits, type VisitOf } from '../subject.ts';
import type { KeptVisit, VisitRead } from './kept-visit.ts';

/** Of each visit the latest version, earlier visits first. */
export class Timeline {
  #visits: KeptVisit[] = [];

  /** Takes a version, in place of the one that its visit had. */
  put(version: KeptVisit): void {
    const at = this.#visits.findIndex(({ visit }) => visit === version.visit);
    if (at >= 0) this.#visits.splice(at, 1);
    const behind = this.#visits.findIndex((other) => compareVisits(version, other) < 0);
    if (behind < 0) this.#visits.push(version);
    else this.#visits.splice(behind, 0, version);
  }

  get(visit: string): KeptVisit | null {
    return this.#visits.find((version) => version.visit === visit) ?? null;
  }

  get visits(): readonly KeptVisit[] {
    return this.#visits;
  }

  /** The earlier visit that a rule of `current` looks at; null where there is none. */
  find(
    which: VisitRead['visit'],
    filled: readonly string[],
    current: Pick<VisitOf, 'date' | 'visit'>,
  ): KeptVisit | null {
    const earlier = this.#visits.filter(
      (version) =>
        version.visit !== current.visit &&
        compareVisits(version, current) < 0 &&
        filled.every((field) => isFilled(version.values[field])),
    );
    return (which === 'previous' ? earlier.at(-1) : earlier[0]) ?? null;
  }

  /** Whether an evaluation would look at other versions now than it did. */
  isStale(version: KeptVisit): boolean {
    return version.reads.some(
      ({ visit, filled, id }) => (this.find(visit, filled, version)?.id ?? null) !== id,
    );
  }
}

/** 0 is a value. */
function isFilled(value: FormValue | undefined): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** Timelines by subject and module. */
export class Histories {
  readonly #timelines = new Map<string, Timeline>();

  of(subject: string, module: string): Timeline {
    const name = `${module}|${subject}`;
    const known = this.#timelines.get(name);
    if (known !== undefined) return known;
    const made = new Timeline();
    this.#timelines.set(name, made);
    return made;
  }

  put(version: KeptVisit): void {
    this.of(version.subject, version.module).put(version);
  }
}
