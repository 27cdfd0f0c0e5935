/** What is kept of one subject: a timeline a module. */
import type { KeptVisit, VisitRead } from './kept-visit.ts';
import { counts } from './kept-visit.ts';
import { Timeline } from './timeline.ts';
import type { VisitOf } from '../subject.ts';

type About = Pick<VisitOf, 'date' | 'visit'> & { readonly module: string };

export class SubjectHistory {
  readonly #timelines = new Map<string, Timeline>();

  of(module: string): Timeline {
    let timeline = this.#timelines.get(module);
    if (timeline === undefined) {
      timeline = new Timeline();
      this.#timelines.set(module, timeline);
    }
    return timeline;
  }

  get modules(): Iterable<string> {
    return this.#timelines.keys();
  }

  put(version: KeptVisit): void {
    this.of(version.module).put(version);
  }

  /** The same visit in another module, if it is delivered or in review. */
  sameVisit(module: string, visit: string): KeptVisit | null {
    const found = this.#timelines.get(module)?.get(visit) ?? null;
    return found !== null && counts(found) ? found : null;
  }

  /** Whether an evaluation that looked at these versions would look at other values now. */
  isStale(reads: readonly VisitRead[], about: About): boolean {
    for (const read of reads) {
      const found = this.find(read, about)?.digest ?? null;
      const isSame =
        found === null || read.digest === null ? found === read.digest : found.equals(read.digest);
      if (!isSame) return true;
    }
    return false;
  }

  /** The version that an evaluation which looked for it would find now. */
  find({ visit, module, filled }: VisitRead, about: About): KeptVisit | null {
    return visit === 'same'
      ? this.sameVisit(module, about.visit)
      : this.of(module).find(visit, filled, about);
  }
}
