/** What is wrong with a record of JSON, in words. */
import type { Finding, Place } from '@lazaret/faults';
import type { FormValue } from '../../record.ts';
import { nameOfCharacter } from '../characters.ts';
import { invalidText, unwantedInText } from '../cell-findings.ts';
import { readingCodes } from '../codes.ts';
import type { Encoding } from '../encoding.ts';
import { flawFinding } from '../flaw-finding.ts';
import { MAX_DEPTH } from '../limits.ts';
import type { JsonFlaw } from './parse.ts';

export function jsonFinding(
  { kind, text, code = 0 }: JsonFlaw,
  encoding: Encoding,
  place: Place,
): Finding {
  const cell = { value: text.slice(0, 200), expected: '' };
  const { item = 0, record = 0, line = 0, offset = 0 } = place;
  switch (kind) {
    case 'broken': {
      const broken = { kind: 'json-broken', line, offset, column: null } as const;
      return at(flawFinding(broken, { item, record }, []), place);
    }
    case 'key-twice':
      return readingCodes.finding('JsonKeyTwice', {}, place);
    case 'key-forbidden':
      return readingCodes.finding('JsonKeyForbidden', {}, place);
    case 'too-deep':
      return readingCodes.finding('JsonTooDeep', { limit: MAX_DEPTH }, place);
    case 'number-unsafe':
      return readingCodes.finding('NumberUnsafe', cell, place);
    case 'number-overflow':
      return readingCodes.finding('NumberOverflow', cell, place);
    case 'not-a-number':
      return readingCodes.finding('NotANumber', cell, place);
    case 'text-invalid':
      return invalidText('', encoding, 'damaged', place);
    case 'text-unwanted':
      return unwantedInText(text, nameOfCharacter(code), place);
    case 'text-too-long': {
      const flaw = { kind: 'cell-too-long', line, offset, column: null } as const;
      return at(flawFinding(flaw, { item, record }, []), place);
    }
    default:
      return kind satisfies never;
  }
}

function at(finding: Finding, place: Place): Finding {
  return { ...finding, place };
}

export function notAnObject(value: FormValue, place: Place): Finding {
  const found = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
  return readingCodes.finding('RecordNotObject', { found }, place);
}
