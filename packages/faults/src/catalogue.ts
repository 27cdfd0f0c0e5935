import { assert } from './bug.ts';
import type { Codes } from './codes.ts';
import type { Entry } from './entry.ts';
import { editDistance } from './nearest.ts';
import { placeholdersOf } from './render/template.ts';

/** An entry together with its name for code. */
export interface NamedEntry extends Entry {
  readonly name: string;
}

/** What a search found. `nearest` is the best guess for a typo, null where nothing comes close. */
export type Lookup =
  | { readonly found: true; readonly entry: NamedEntry }
  | { readonly found: false; readonly nearest: NamedEntry | null };

/** The one list of the codes of findings and faults. */
export interface Catalogue {
  /** All entries, by id. */
  readonly entries: readonly NamedEntry[];
  /** The entry of a name that code uses; undefined for one that this catalogue does not have. */
  readonly get: (name: string) => NamedEntry | undefined;
  /** The entry of a finding or fault that this system made. One that is not listed is a bug. */
  readonly entryOf: (raised: { readonly code: string }) => NamedEntry;
  /** What a person typed: an id or a name, in any case, perhaps misspelt. */
  readonly find: (text: string) => Lookup;
}

const ID = /^[A-Z]{2,8}-\d{3}$/;
const NAME = /^[A-Z][A-Za-z0-9]+$/;

/** Longest text that is compared with the entries; the distance costs time quadratic in length. */
const LONGEST_SEARCH = 64;

/**
 * Joins the codes of the parts into the catalogue. Throws a bug at once, at start-up, for an
 * inconsistent entry: a name or an id given twice, a template that names an unknown parameter or
 * one that its reader may not see, an example that lacks a parameter, a release that contradicts.
 */
export function createCatalogue(...parts: readonly Codes[]): Catalogue {
  const byName = new Map<string, NamedEntry>();
  const byKey = new Map<string, NamedEntry>();
  for (const part of parts) {
    for (const [name, entry] of Object.entries(part)) {
      const named: NamedEntry = { ...entry, name };
      assertEntry(named);
      for (const key of [named.id.toLowerCase(), name.toLowerCase()]) {
        const taken = byKey.get(key);
        assert(
          taken === undefined,
          `${named.id} ${name}: ${taken?.id} ${taken?.name} has the same id or name`,
        );
        byKey.set(key, named);
      }
      byName.set(name, named);
    }
  }
  const entries = [...byName.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    entries,
    get: (name) => byName.get(name),
    entryOf: ({ code }) => {
      const entry = byName.get(code);
      assert(entry !== undefined, `no entry in the catalogue has the name ${code.slice(0, 64)}`);
      return entry;
    },
    find: (text) => {
      const key = text.trim().toLowerCase();
      const entry = byKey.get(key);
      return entry === undefined
        ? { found: false, nearest: nearestOf(key, byKey) }
        : { found: true, entry };
    },
  };
}

function nearestOf(key: string, byKey: ReadonlyMap<string, NamedEntry>): NamedEntry | null {
  if (key === '' || key.length > LONGEST_SEARCH) return null;
  let nearest: NamedEntry | null = null;
  // A third of the letters may be wrong; beyond that a guess confuses more than it helps.
  let best = Math.max(1, Math.floor(key.length / 3)) + 1;
  for (const [candidate, entry] of byKey) {
    const distance = editDistance(key, candidate);
    if (distance < best) {
      best = distance;
      nearest = entry;
    }
  }
  return nearest;
}

function assertEntry(entry: NamedEntry): void {
  const at = `${entry.id} ${entry.name}`;
  assert(ID.test(entry.id), `${at}: an id is a prefix, a hyphen and three digits`);
  assert(NAME.test(entry.name), `${at}: a name is in PascalCase`);
  assertTemplates(entry, at);
  for (const parameter of Object.keys(entry.parameters)) {
    assert(parameter in entry.example, `${at}: the example lacks {${parameter}}`);
  }
  for (const parameter of Object.keys(entry.example)) {
    assert(parameter in entry.parameters, `${at}: the example has an unknown {${parameter}}`);
  }
  assertRelease(entry, at);
}

function assertTemplates(entry: NamedEntry, at: string): void {
  const templates = [
    ['message', entry.message],
    ['action', entry.action],
    ['log', entry.log],
  ] as const;
  for (const [field, template] of templates) {
    for (const parameter of placeholdersOf(template)) {
      const privacy = Object.hasOwn(entry.parameters, parameter)
        ? entry.parameters[parameter]
        : undefined;
      assert(privacy !== undefined, `${at}: ${field} names an unknown parameter {${parameter}}`);
      const allowed = privacy === 'public' || (field === 'log' && privacy === 'internal');
      assert(allowed, `${at}: ${field} names {${parameter}}, which is ${privacy}`);
    }
  }
}

/**
 * What cannot be true at once. Nobody can wave through what an operation never finished, so a
 * fault holds for replay or not at all; an alert waits for a person, so it must hold;
 * and data does not get better by trying again. A warning may hold: it says how grave a finding is
 * to the sender, the release how careful we are with it.
 */
function assertRelease(entry: NamedEntry, at: string): void {
  if (entry.kind === 'fault') {
    assert(entry.type === 'error', `${at}: a fault is always of type error`);
    assert(
      entry.release === 'none' || entry.release === 'replay',
      `${at}: a fault is released by replay or holds nothing, not by ${entry.release}`,
    );
    return;
  }
  assert(entry.retry === 'no', `${at}: a finding is not retried`);
  assert(
    entry.type !== 'alert' || entry.release !== 'none',
    `${at}: an alert waits for a person, so its release cannot be none`,
  );
}
