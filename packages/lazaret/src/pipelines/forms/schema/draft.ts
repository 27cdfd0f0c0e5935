/** The drafts of JSON Schema that are known. */
import { Ajv } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { assertFormats } from './formats.ts';

export interface Draft {
  /** Its address, without the scheme: people write both. */
  readonly uri: string;
  readonly Validator: typeof Ajv | typeof Ajv2019 | typeof Ajv2020;
}

const DRAFT_7: Draft = { uri: 'json-schema.org/draft-07/schema', Validator: Ajv };
const DRAFTS: readonly Draft[] = [
  DRAFT_7,
  { uri: 'json-schema.org/draft/2019-09/schema', Validator: Ajv2019 },
  { uri: 'json-schema.org/draft/2020-12/schema', Validator: Ajv2020 },
];

/** What to do about a draft that is not known; goes on after a colon. */
export const DRAFT_REMEDY =
  'write "https://json-schema.org/draft/2020-12/schema", or that of 2019-09, or ' +
  '"http://json-schema.org/draft-07/schema#", and what it asks for';

/** The draft that a schema names; draft 7 where it names none, null where it names another. */
export function draftOf(schema: Readonly<Record<string, unknown>>): Draft | null {
  const { $schema: named } = schema;
  if (named === undefined) return DRAFT_7;
  const bare = typeof named === 'string' ? named.replace(/^https?:\/\//, '').replace(/#$/, '') : '';
  return DRAFTS.find(({ uri }) => uri === bare) ?? null;
}

/** Whether an address is that of a draft, or of a part of one: the validator has those. */
export function isPartOfDraft(uri: string): boolean {
  const bare = uri.replace(/^https?:\/\//, '');
  return bare.startsWith('json-schema.org/draft/') || bare === DRAFT_7.uri;
}

/** Validators of schemas take a while to make, and never change. */
const referees = new Map<Draft, Ajv>();

/** The validator that says whether a schema is one. No schema is ever added to it. */
export function refereeOf(draft: Draft): Ajv {
  let referee = referees.get(draft);
  if (referee === undefined) {
    referee = new draft.Validator({ strict: false, logger: false, allErrors: true });
    assertFormats(referee);
    referees.set(draft, referee);
  }
  return referee;
}
