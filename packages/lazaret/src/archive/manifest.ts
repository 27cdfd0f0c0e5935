import { z } from 'zod';
import { fault } from './codes.ts';
import { checkName } from './tar-entry.ts';

/** Name of the manifest within an archive; it is always the first entry. */
export const MANIFEST_NAME = 'manifest.json';

const MAX_ENTRIES = 1_000_000;
/** 512 bytes for each of a million entries, which no real archive has. */
export const MAX_MANIFEST_BYTES = 512 * 1024 * 1024;

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();

const entrySchema = z.strictObject({
  name: z.string().min(1),
  /** Bytes of the content. */
  size: count,
  sha256: digest,
  /** Ids of the findings that the item carries, such as `IMG-004`: each once, sorted. */
  findings: z.array(z.string().min(1)),
});

export const manifestSchema = z.strictObject({
  version: z.literal(1),
  /** The delivery key of the archive. */
  archive: z.string().min(1),
  /** Digest of the recipe that everything in it was made by. */
  recipe: digest,
  /** Id of the project key behind its pseudonyms. */
  keyId: z.string().regex(/^[0-9a-f]{16}$/),
  entries: z.array(entrySchema).max(MAX_ENTRIES),
  counts: z.strictObject({
    entries: count,
    bytes: count,
    /** How many entries carry each finding. */
    findings: z.record(z.string(), count),
  }),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestEntry = z.infer<typeof entrySchema>;

export interface ManifestRequest {
  readonly archive: string;
  readonly recipe: string;
  readonly keyId: string;
  /** In the order of the archive. */
  readonly entries: readonly ManifestEntry[];
}

/**
 * A manifest with its counts.
 *
 * @throws `ArchiveNameTaken`, `ArchiveNameUnusable`
 */
export function makeManifest(request: ManifestRequest): Manifest {
  const seen = new Map<string, number>([[foldName(MANIFEST_NAME), 0]]);
  const findings = new Map<string, number>();
  let bytes = 0;
  const entries = request.entries.map((entry, at) => {
    checkName(entry.name);
    const folded = foldName(entry.name);
    const first = seen.get(folded);
    if (first !== undefined) throw fault('ArchiveNameTaken', { first, second: at + 1 });
    seen.set(folded, at + 1);
    bytes += entry.size;
    const codes = [...new Set(entry.findings)].sort();
    for (const code of codes) findings.set(code, (findings.get(code) ?? 0) + 1);
    return { name: entry.name, size: entry.size, sha256: entry.sha256, findings: codes };
  });
  const { archive, recipe, keyId } = request;
  // Sorted, so that the manifest does not depend on which finding came first.
  const byCode = [...findings].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    version: 1,
    archive,
    recipe,
    keyId,
    entries,
    counts: { entries: entries.length, bytes, findings: Object.fromEntries(byCode) },
  };
}

/** The manifest as it lies in the archive: one entry a line, so that people can search it. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const { entries, ...head } = manifest;
  const lines = entries.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n');
  const opening = JSON.stringify(head, null, 2).slice(0, -2);
  const text = `${opening},\n  "entries": [${lines === '' ? '' : `\n${lines}\n  `}]\n}\n`;
  return Buffer.from(text, 'utf8');
}

/** Reads a manifest. @throws `ManifestUnreadable` */
export function parseManifest(bytes: Uint8Array): Manifest {
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw fault('ManifestUnreadable', { reason: 'it is too large' });
  }
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw fault('ManifestUnreadable', { reason: 'it is not JSON' }, { cause });
  }
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw fault('ManifestUnreadable', { reason: 'its fields are not those of a manifest' });
}

/** Names that differ in case alone are one file on Windows and macOS. */
function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
