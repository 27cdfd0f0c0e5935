import { fault } from './codes.ts';
import type { IdentifierKind } from './service.ts';

/**
 * How a project's identifiers are written when they are the same. `00123 ` and `123` are one
 * patient in one hospital and two in another, so this is the project's to say. The rules are part
 * of the recipe: changing one changes pseudonyms.
 */
export interface IdentifierRules {
  /** Take off white space and padding (spaces and NULs, PS3.5 section 6.2) at both ends. */
  readonly trim: boolean;
  readonly case: 'keep' | 'upper' | 'lower';
  /** `strip` leaves the last character alone, so that `000` becomes `0` and not nothing. */
  readonly leadingZeros: 'keep' | 'strip';
  /** Whether the same id from two issuers means two patients. */
  readonly issuer: 'part' | 'ignore';
}

/** Merges nothing that could be two patients, apart from padding. */
export const STRICT_RULES: IdentifierRules = {
  trim: true,
  case: 'keep',
  leadingZeros: 'keep',
  issuer: 'part',
};

/** Characters. DICOM's LO has 64; other sources have more, but none has a page of text. */
export const MAX_IDENTIFIER_LENGTH = 1024;

/** White space, NULs and the like: what a blank identifier may consist of. */
const PADDING = /^[\s\0]+|[\s\0]+$/gu;

/**
 * An identifier as it is compared.
 *
 * @param position where in the request it stands, from 1, for the fault.
 * @throws `IdentifierMissing` where it is blank, whatever the rules; `IdentifierTooLong`
 */
export function normaliseIdentifier(
  id: string,
  rules: IdentifierRules,
  kind: IdentifierKind,
  position: number,
): string {
  if (id.length > MAX_IDENTIFIER_LENGTH) {
    throw fault('IdentifierTooLong', {
      kind,
      position,
      length: id.length,
      limit: MAX_IDENTIFIER_LENGTH,
    });
  }
  if (id.replace(PADDING, '') === '') throw fault('IdentifierMissing', { kind, position });
  let text = normaliseText(id, rules);
  if (rules.leadingZeros === 'strip') text = text.replace(/^0+(?=.)/u, '');
  return text;
}

/** An issuer as it is compared; null where there is none or the rules leave it out. */
export function normaliseIssuer(issuer: string | undefined, rules: IdentifierRules): string | null {
  if (rules.issuer === 'ignore' || issuer === undefined) return null;
  if (issuer.replace(PADDING, '') === '') return null;
  return normaliseText(issuer, rules);
}

function normaliseText(value: string, rules: IdentifierRules): string {
  // One letter has several spellings in Unicode, and systems differ in which they send.
  let text = value.normalize('NFC');
  if (rules.trim) text = text.replace(PADDING, '');
  if (rules.case === 'upper') text = text.toUpperCase();
  if (rules.case === 'lower') text = text.toLowerCase();
  return text;
}
