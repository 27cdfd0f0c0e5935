/** The words of the terminal that depend on what is spoken of. */
import { escapeText, type Catalogue, type Release } from '@lazaret/faults';

export interface Nouns {
  readonly item: string;
  readonly items: string;
  readonly delivery: string;
  readonly deliveries: string;
}

const NOUNS: Readonly<Record<string, Nouns>> = {
  imaging: { item: 'image', items: 'images', delivery: 'archive', deliveries: 'archives' },
  forms: { item: 'row', items: 'rows', delivery: 'file', deliveries: 'files' },
  harvest: { item: 'record', items: 'records', delivery: 'delivery', deliveries: 'deliveries' },
  clinical: { item: 'resource', items: 'resources', delivery: 'bundle', deliveries: 'bundles' },
};
const ANY: Nouns = { item: 'item', items: 'items', delivery: 'delivery', deliveries: 'deliveries' };

/** What the items and deliveries of a pipeline are called. */
export function nounsOf(pipeline: string): Nouns {
  return Object.hasOwn(NOUNS, pipeline) ? (NOUNS[pipeline] ?? ANY) : ANY;
}

/** A code as people meet it. A name that the catalogue does not know stands for itself. */
export interface CodeInWords {
  readonly id: string;
  /** The title as part of a line: `modality not accepted`. */
  readonly words: string;
  readonly title: string;
}

export function codeInWords(catalogue: Catalogue, code: string): CodeInWords {
  const entry = catalogue.get(code);
  if (entry === undefined) {
    const name = escapeText(code);
    return { id: name, words: name, title: name };
  }
  return { id: entry.id, words: headline(entry.title), title: entry.title };
}

/**
 * A title in the manner of a headline, so that it can follow a count: "The modality is not
 * accepted" becomes "modality not accepted".
 */
export function headline(title: string): string {
  const short = title
    .replace(/^There (?:is|are) /, '')
    .replace(/^(?:The|An|A) /, '')
    .replace(/ (?:is|are) /, ' ');
  // A second capital is an abbreviation's, and abbreviations stay as they are.
  return /^[A-Z][a-z ]/.test(short) ? `${short.charAt(0).toLowerCase()}${short.slice(1)}` : short;
}

/** What holds a visit that waits for nothing but alerts: it goes on when they are cleared. */
export const ALERT_CODE = 'RuleAlert';

/** How something is let go, in as few words as a column has room for. */
const LET_GO: Readonly<Record<Release, string>> = {
  // A fault that ended a batch: its items may go through again.
  none: 'by replay',
  replay: 'by replay',
  reason: 'with a reason',
  second: 'by two people',
};

export function letGo(release: Release | undefined): string | null {
  return release === undefined ? null : LET_GO[release];
}
