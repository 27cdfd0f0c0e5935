/** Commands that are proposed are copied and run: what stands in them has to come out as it went in. */

const PLAIN = /^[\w@%+=:,./-]+$/;

/** A value as one word of a POSIX shell. */
export function shellWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
