import type { ParameterValue, PrivacyClass } from '../entry.ts';
import type { Parameters } from '../finding.ts';
import { safeText } from './escape.ts';

/**
 * Who reads a text. The `caller` sees `public` parameters alone; the `operator`'s screen and the
 * `log` show `internal` ones too. Nobody is shown `phi`.
 */
export type Audience = 'caller' | 'operator' | 'log';

/** What stands where a value may not be shown. */
export const WITHHELD = '[withheld]';

/** What stands where a parameter was not given. The maker's types prevent it; stored rows may not. */
export const MISSING = '[missing]';

/** Longest value inside a message, UTF-16 units. */
export const VALUE_LIMIT = 200;

/** Most entries of a list that a message shows. */
const LIST_LIMIT = 10;

const PLACEHOLDER = /\{([A-Za-z][A-Za-z0-9]*)\}/g;

/** Names of the parameters in a template, each once. */
export function placeholdersOf(template: string): string[] {
  return [...new Set(Array.from(template.matchAll(PLACEHOLDER), (match) => match[1] ?? ''))];
}

/** Whether this audience may see a parameter of this class. An undeclared one is never shown. */
export function maySee(audience: Audience, privacy: PrivacyClass | undefined): boolean {
  if (privacy === 'public') return true;
  return privacy === 'internal' && audience !== 'caller';
}

/**
 * Fills a template of the catalogue for one audience. Values are cut and escaped, and put in by
 * one pass over the template, so a value that looks like a placeholder stays what it is.
 */
export function fillTemplate(
  template: string,
  classes: Readonly<Record<string, PrivacyClass>>,
  parameters: Parameters,
  audience: Audience,
): string {
  return template.replace(PLACEHOLDER, (_, name: string) => {
    const privacy = Object.hasOwn(classes, name) ? classes[name] : undefined;
    if (!maySee(audience, privacy)) return WITHHELD;
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    return value === undefined ? MISSING : valueText(value);
  });
}

/** The parameters that this audience may see, escaped; what it may not see is marked as withheld. */
export function visibleParameters(
  classes: Readonly<Record<string, PrivacyClass>>,
  parameters: Parameters,
  audience: Audience,
): Parameters {
  const visible: [string, ParameterValue][] = [];
  for (const [name, privacy] of Object.entries(classes)) {
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (value === undefined) continue;
    if (!maySee(audience, privacy)) {
      // A caller need not even learn which internal details exist.
      if (audience !== 'caller') visible.push([name, WITHHELD]);
    } else if (typeof value === 'object') {
      visible.push([name, value.slice(0, LIST_LIMIT).map((text) => safeText(text, VALUE_LIMIT))]);
    } else {
      visible.push([name, typeof value === 'string' ? safeText(value, VALUE_LIMIT) : value]);
    }
  }
  return Object.fromEntries(visible);
}

function valueText(value: ParameterValue): string {
  if (typeof value !== 'object') return safeText(String(value), VALUE_LIMIT);
  const shown = value.slice(0, LIST_LIMIT).map((text) => safeText(text, VALUE_LIMIT));
  const more = value.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}
