/**
 * What the Clean Structured Content Option does with a content item, by its concept name and value
 * type: PS3.15 Table E.3.4-1. Concepts that the table does not name stay, their text cleaned.
 */
import facts from './facts/structured-content.json' with { type: 'json' };
import { OPTION_LETTERS, type ProfileOptions } from './profile-options.ts';

export type ContentAction =
  /** Not named by the table: text is cleaned, a name replaced, all else is as it is elsewhere. */
  | 'decide'
  | 'keep'
  /** Its value is replaced by one that says nothing. */
  | 'dummy'
  | 'clean'
  /** The item goes, and what hangs on it. */
  | 'remove';

interface ConceptRow {
  readonly basic: string;
  readonly options: ReadonlyMap<string, string>;
}

const rows = new Map<string, ConceptRow>();
for (const [scheme = '', code = '', type = '', basic = '', options = ''] of facts.concepts) {
  const pairs = options
    .split(' ')
    .filter((pair) => pair !== '')
    .map((pair) => [pair.slice(0, 1), pair.slice(2)] as const);
  rows.set(keyOf(scheme, code, type), { basic, options: new Map(pairs) });
}

/** Designators under which SNOMED codes of the former style are found (PS3.16 section 8.1). */
const FORMER_SNOMED = new Set(['SRT', 'SNM3', '99SDM']);
const formerCodes: ReadonlyMap<string, string> = new Map(Object.entries(facts.formerCodes));

function keyOf(scheme: string, code: string, type: string): string {
  return `${scheme} ${code} ${type}`;
}

function findConcept(scheme: string, code: string, type: string): ConceptRow | undefined {
  if (FORMER_SNOMED.has(scheme)) {
    const current = formerCodes.get(code);
    return current === undefined ? undefined : rows.get(keyOf('SCT', current, type));
  }
  // The registry's designator carries a version in brackets: NCDR [2.0b].
  return rows.get(keyOf(scheme.replace(/\s*\[.*$/, ''), code, type));
}

/**
 * @param type - Value Type (0040,A040).
 * @returns for X/D the dummy: whether the template demands the item is not known here, and a dummy
 *   says as little as its absence does.
 */
export function decideContent(
  scheme: string,
  code: string,
  type: string,
  options: ProfileOptions,
): ContentAction {
  const row = findConcept(scheme, code, type);
  if (row === undefined) return 'decide';
  let cleaned = false;
  for (const option of options) {
    const said = row.options.get(OPTION_LETTERS[option]);
    if (said === 'K') return 'keep';
    if (said === 'C') cleaned = true;
  }
  // Dates are moved wherever they stand; only text has to be told.
  if (cleaned) return type === 'TEXT' ? 'clean' : 'decide';
  return row.basic.includes('D') ? 'dummy' : 'remove';
}

/**
 * Coding schemes whose codes and meanings are published (PS3.16 Table 8-1). Under any other the
 * meaning is somebody's own words: designators from `99` on are private (PS3.3 section 8.2).
 */
const PUBLISHED_SCHEMES = new Set(
  (
    'DCM SCT SRT SNM3 99SDM LN UCUM RADLEX FMA MA NCIT UMLS BARI BI CD10 CDT CPT4 ACR NCDR NEU ITIS_TSN ' +
    'I9C I10 I10P ICD9 ICDO ICDO3 ISO639_1 ISO639_2 ISO3166_1 MDC MDDC MSH NDC NYUMCCG PUBCHEM_CID ' +
    'RO RXNORM UBERON UNIPROT HPC HL7 DICOM POS CADSR ZFA MGI IBSI MAYOASRG MMWR SNOMED-CT'
  ).split(' '),
);

export function isPublishedScheme(designator: string): boolean {
  return PUBLISHED_SCHEMES.has(designator.toUpperCase().replace(/\s*\[.*$/, ''));
}

/** How many rows the table has. */
export const CONCEPT_COUNT = rows.size;
