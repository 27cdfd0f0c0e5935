/** The formats that are asserted. */
import { nearestName } from '@lazaret/faults';
import type { Ajv } from 'ajv';
import addFormats from 'ajv-formats';

/** Nothing that has one of these formats is longer, UTF-16 units; a cell can have megabytes. */
const LONGEST_FORMATTED = 4096;

/** Standard formats that are not checked: their rules change with every edition of Unicode. */
const UNCHECKED = ['idn-email', 'idn-hostname', 'iri', 'iri-reference'];

/** Teaches a validator its formats, each with a bound on how long a text it looks at. */
export function assertFormats(ajv: Ajv): void {
  addFormats.default(ajv, { keywords: false });
  for (const [name, format] of Object.entries(ajv.formats)) {
    if (name === 'byte') continue;
    if (format instanceof RegExp) {
      ajv.addFormat(name, (text: string) => text.length <= LONGEST_FORMATTED && format.test(text));
    } else if (typeof format === 'function') {
      ajv.addFormat(name, (text: string) => text.length <= LONGEST_FORMATTED && format(text));
    }
  }
  for (const name of UNCHECKED) ajv.addFormat(name, true);
}

/** What a format that is not known most likely meant; null where it is somebody's own. */
export function misspeltFormat(ajv: Ajv, format: string): string | null {
  return format in ajv.formats ? null : nearestName(format, Object.keys(ajv.formats));
}
