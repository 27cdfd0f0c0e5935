/**
 * The fix list of a site: what it has to mend, or to look at, by participant and visit. The site is
 * the centre that a record names, or else the one that sent the run.
 */
import type { FiledRun, RunFile } from './filed-run.ts';
import { CHECKS } from '../study.ts';
import type { FoundCounts } from './found-counts.ts';
import type { Kind } from './found-kinds.ts';
import { mistakesOf, type Mistake, type MistakeSource } from './mistake.ts';

export interface FixEntry extends Mistake {
  readonly file: RunFile;
}

/** Mistakes of one kind: told one by one up to a limit, and counted beyond. */
export interface FixKind {
  readonly type: 'error' | 'alert';
  readonly code: string;
  readonly column: string;
  /** Of the entry, to ask for; a rule's own code where it has one. */
  readonly label: string;
  /** What is wrong: in the words of the mistakes where they agree, or of the code. */
  readonly words: string;
  /** All of them, exact. */
  readonly total: number;
  readonly listed: number;
}

export interface FixList {
  readonly run: FiledRun;
  /** From 1: values of records stand in documents, and not in their names. */
  readonly number: number;
  readonly site: string;
  readonly errors: number;
  readonly alerts: number;
  /** The most frequent first. */
  readonly kinds: readonly FixKind[];
  /** By participant, visit and place. */
  readonly entries: readonly FixEntry[];
}

/** Of one kind and site. Whoever has a thousand of them mends the cause and not the cells. */
const MAX_OF_KIND = 1_000;
/** Of a run: they are sorted at once. */
const MAX_ENTRIES = 50_000;

const collator = new Intl.Collator('en', { numeric: true });

/** The lists of all sites that have something to do, by the name of the site. */
export async function makeFixLists(
  source: MistakeSource,
  { kinds, hasFound }: Pick<FoundCounts, 'kinds' | 'hasFound'>,
): Promise<FixList[]> {
  const { run } = source;
  const sites = new Map<string, SiteList>();
  const siteOf = (name: string): SiteList => {
    const known = sites.get(name);
    if (known !== undefined) return known;
    const made = new SiteList();
    sites.set(name, made);
    return made;
  };
  for (const { kind, count } of kinds) {
    if (kind.type !== 'warning') siteOf(kind.site || run.site).counted(kind, count);
  }
  let entries = 0;
  for (const file of run.files) {
    for (const check of CHECKS.filter((name) => hasFound(file.file, name))) {
      const past = (mistake: Mistake): void => siteOf(mistake.about.site || run.site).past(mistake);
      for await (const mistake of mistakesOf(source, file, check, past)) {
        const site = siteOf(mistake.about.site || run.site);
        if (mistake.alert?.cleared === true) site.past(mistake);
        else if (site.take({ ...mistake, file }, entries < MAX_ENTRIES)) entries += 1;
      }
    }
  }
  return [...sites]
    .sort(([a], [b]) => collator.compare(a, b))
    .map(([site, list]) => ({ site, ...list.result() }))
    .filter(({ errors, alerts }) => errors + alerts > 0)
    .map((list, index) => ({ run, number: index + 1, ...list }));
}

interface Counter {
  readonly type: 'error' | 'alert';
  readonly code: string;
  readonly column: string;
  total: number;
  /** Met one by one, and nothing to be done about it any more. */
  past: number;
  met: number;
  listed: number;
  /** Null: they differ. */
  words: string | null | undefined;
  title: string;
  label: string;
}

class SiteList {
  readonly #kinds = new Map<string, Counter>();
  readonly #entries: FixEntry[] = [];

  counted(kind: Kind, count: number): void {
    this.#counter(kind).total += count;
  }

  past(mistake: Mistake): void {
    this.#counter(mistake).past += 1;
  }

  /** False where the list has enough of the kind. */
  take(entry: FixEntry, hasRoom: boolean): boolean {
    const counter = this.#counter(entry);
    counter.met += 1;
    counter.title = entry.entry.title;
    counter.label = labelOf(entry);
    if (counter.words === undefined) counter.words = entry.message;
    else if (counter.words !== entry.message) counter.words = null;
    if (!hasRoom || counter.listed >= MAX_OF_KIND) return false;
    counter.listed += 1;
    this.#entries.push(entry);
    return true;
  }

  result(): Pick<FixList, 'errors' | 'alerts' | 'kinds' | 'entries'> {
    const kinds = [...this.#kinds.values()]
      .map(({ type, code, column, label, total, past, met, listed, words, title }): FixKind => ({
        ...{ type, code, column, label, listed },
        words: words ?? (title || code),
        // What was met is certain; of what is only counted, what is past is gone.
        total: Math.max(met, total - past),
      }))
      .filter(({ total }) => total > 0)
      .sort((a, b) => order(a) - order(b) || b.total - a.total || collator.compare(a.code, b.code));
    const sum = (type: FixKind['type']): number =>
      kinds.filter((kind) => kind.type === type).reduce((all, { total }) => all + total, 0);
    return {
      ...{ errors: sum('error'), alerts: sum('alert'), kinds },
      entries: this.#entries.sort(compareEntries),
    };
  }

  #counter(of: Pick<Kind, 'code' | 'column'> & { readonly type: Kind['type'] }): Counter {
    const { code, column } = of;
    const type = of.type === 'alert' ? 'alert' : 'error';
    const slot = JSON.stringify([type, code, column]);
    const known = this.#kinds.get(slot);
    if (known !== undefined) return known;
    const made: Counter = {
      ...{ type, code, column, total: 0, past: 0, met: 0, listed: 0 },
      ...{ words: undefined, title: '', label: code },
    };
    this.#kinds.set(slot, made);
    return made;
  }
}

/** What people are to ask for: `FRM-012`, or the code that the author of a rule gave it. */
export function labelOf({ code, entry }: Pick<Mistake, 'code' | 'entry'>): string {
  return code === entry.name ? entry.id : code;
}

/** Errors before alerts. */
function order({ type }: Pick<FixKind, 'type'>): number {
  return type === 'error' ? 0 : 1;
}

/** What is about a whole file comes first, and is mended first. */
function compareEntries(a: FixEntry, b: FixEntry): number {
  return (
    Number(b.isOfFile) - Number(a.isOfFile) ||
    collator.compare(a.about.participant, b.about.participant) ||
    collator.compare(a.about.visit, b.about.visit) ||
    a.file.file - b.file.file ||
    (a.place.line ?? a.place.record ?? 0) - (b.place.line ?? b.place.record ?? 0) ||
    order(a) - order(b) ||
    collator.compare(a.column, b.column)
  );
}
