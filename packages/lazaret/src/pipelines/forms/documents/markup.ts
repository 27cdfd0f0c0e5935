/** Texts of others inside a page: nothing in them acts, neither as markup nor unseen. */
import { safeText } from '@lazaret/faults';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Longest text that a page shows of a value, UTF-16 units. */
const MAX_LENGTH = 300;

export function escapeMarkup(text: string): string {
  return safeText(text, MAX_LENGTH).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
