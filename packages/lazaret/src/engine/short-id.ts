import { randomBytes } from 'node:crypto';

/** Six letters and digits that nobody mistakes for each other. */
export function shortId(): string {
  const alphabet = '23456789abcdefghjkmnpqrstvwxyz';
  return Array.from(randomBytes(6), (byte) => alphabet[byte % alphabet.length]).join('');
}
