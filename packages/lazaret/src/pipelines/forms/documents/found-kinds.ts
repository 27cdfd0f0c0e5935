/**
 * How often what was found. Findings themselves are kept up to a limit a code and batch; these
 * counts are exact, and as small as there are different mistakes.
 */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { FindingType, Parameters, Place } from '@lazaret/faults';
import type { LotResult, ToldItem } from '../../../engine/lot.ts';
import type { ProjectKey } from '../../../identity/keys.ts';
import { checkOf } from './check-of-step.ts';
import type { Check, SubjectKeys } from '../study.ts';
import { bareAbout, isRecord, recordAbout, type RecordAbout } from './record-about.ts';

/** What mistakes have in common that are told once, with a count. */
export interface Kind {
  readonly file: number;
  readonly site: string;
  /** The form of the record; empty where it is about none, or of none. */
  readonly module: string;
  readonly check: Check;
  readonly type: FindingType;
  /** The entry's name; of a rule, the code that its author gave it. */
  readonly code: string;
  readonly column: string;
}

export interface Found {
  readonly kinds: readonly { readonly kind: Kind; readonly count: number }[];
  /** Whom items are about that went on although something was found: the engine keeps nothing of them. */
  readonly abouts: ReadonlyMap<number, RecordAbout>;
}

/** Sites of a batch that are counted apart. More are a column that is filled with something else. */
const MAX_SITES = 200;
/** As many as there are findings of a code that are kept. */
const MAX_ABOUTS = 1_000;
const MAX_PAYLOAD_BYTES = 1 << 28;
const CONTEXT = 'forms-found';

/** Counts what an attempt found. @param batchFile the file that findings about the batch are about. */
export function countFound(
  { told, findings = [] }: Pick<LotResult, 'told' | 'findings'>,
  keys: SubjectKeys,
  batchFile: number,
): Found {
  const counts = new Map<string, { readonly kind: Kind; count: number }>();
  const abouts = new Map<number, RecordAbout>();
  const sites = new Set<string>();
  const add = (of: KindOrigin, found: ToldItem['findings'][number]): void => {
    const kind = kindOf(of, found);
    const slot = JSON.stringify(kind);
    const known = counts.get(slot);
    if (known === undefined) counts.set(slot, { kind, count: 1 });
    else known.count += 1;
  };
  for (const { item, arrival, findings: some, stopped } of told) {
    const about = isRecord(arrival) ? recordAbout(arrival, keys) : bareAbout(batchFile);
    if (sites.size < MAX_SITES) sites.add(about.site);
    const site = sites.has(about.site) ? about.site : '';
    const module = isRecord(arrival) ? arrival.module : '';
    for (const found of some) add({ file: about.file, site, module }, found);
    if (stopped === null && isRecord(arrival) && abouts.size < MAX_ABOUTS) abouts.set(item, about);
  }
  for (const found of findings) add({ file: batchFile, site: '', module: '' }, found);
  return { kinds: [...counts.values()], abouts };
}

type KindOrigin = Pick<Kind, 'file' | 'site' | 'module'>;

function kindOf(of: KindOrigin, { step, finding }: ToldItem['findings'][number]): Kind {
  const { type, code, parameters, place } = finding;
  return {
    ...{ ...of, check: checkOf(step), type },
    code: shownCode(code, parameters),
    column: columnOf(place),
  };
}

/** Rules that sites write have codes of their own; everything else goes by the entry's name. */
export function shownCode(code: string, { ruleCode }: Parameters): string {
  return typeof ruleCode === 'string' && ruleCode !== '' ? ruleCode : code;
}

/** The column, or in JSON the member, without the numbers of the records. */
export function columnOf({ column, pointer }: Place): string {
  return column ?? (pointer ?? '').replace(/\/\d+(?=\/|$)/g, '').replace(/^\//, '');
}

/** A kind of which one is to go; null: nobody knows of which file. Of which form is not said. */
export type GoneKind = Omit<Kind, 'file' | 'module'> & { readonly file: number | null };

/**
 * Counts without some of what was counted, and without items that nobody is to know of any more.
 * @param gone kinds, one for each time; without a file, of the first one that fits
 * @returns null where nothing changes
 */
export function withoutFound(
  { kinds, abouts }: Found,
  gone: readonly GoneKind[],
  items: ReadonlySet<number>,
): Found | null {
  const left = kinds.map(({ kind, count }) => ({ kind, count }));
  const known = [...abouts].filter(([item]) => !items.has(item));
  let changes = known.length < abouts.size;
  for (const one of gone) {
    const fitting = left.filter(({ kind, count }) => count > 0 && isAlike(kind, one));
    const found = fitting.find(({ kind }) => kind.site === one.site) ?? fitting[0];
    if (found === undefined) continue;
    found.count -= 1;
    changes = true;
  }
  if (!changes) return null;
  return { kinds: left.filter(({ count }) => count > 0), abouts: new Map(known) };
}

/** Sites beyond the limit are counted under none. */
function isAlike(kind: Kind, one: GoneKind): boolean {
  return (
    (one.file === null || kind.file === one.file) &&
    (kind.site === one.site || kind.site === '') &&
    kind.check === one.check &&
    kind.type === one.type &&
    kind.code === one.code &&
    kind.column === one.column
  );
}

type WrittenKind = readonly [
  ...[file: number, site: string, check: Check, type: FindingType],
  ...[code: string, column: string, count: number, module?: string],
];

export function packFound(key: ProjectKey, { kinds, abouts }: Found): Uint8Array {
  const written = {
    kinds: kinds.map(({ kind, count }): WrittenKind => {
      const { file, site, module, check, type, code, column } = kind;
      return [file, site, check, type, code, column, count, module];
    }),
    abouts: [...abouts],
  };
  return key.seal(zstdCompressSync(JSON.stringify(written)), CONTEXT);
}

/** @throws SealDamaged, SealKeyDiffers */
export function unpackFound(key: ProjectKey, payload: Uint8Array): Found {
  const plain = zstdDecompressSync(key.unseal(payload, CONTEXT), {
    maxOutputLength: MAX_PAYLOAD_BYTES,
  });
  const { kinds, abouts } = JSON.parse(plain.toString('utf8')) as {
    readonly kinds: readonly WrittenKind[];
    readonly abouts: readonly (readonly [number, RecordAbout])[];
  };
  return {
    kinds: kinds.map(([file, site, check, type, code, column, count, module = '']) => ({
      kind: { file, site, module, check, type, code, column },
      count,
    })),
    abouts: new Map(abouts),
  };
}
