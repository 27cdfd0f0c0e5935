/**
 * Names of files that are still being written. Whoever sends a folder writes under such a name and
 * renames at the end, or holds a lock beside the file; either way the arrival is not complete.
 */

/** `*` stands for any characters, `?` for one; letters count whatever their case. */
export const PARTIAL_NAMES: readonly string[] = [
  '*.tmp',
  '*.part',
  '*.partial',
  '*.crdownload',
  '*.filepart',
  '*~',
  // Locks of editors and office programs, and of network file systems.
  '~$*',
  '.~*',
  '.lock*',
  '.*.lock',
  '.nfs*',
  // What rsync writes to: a dot, the name, a dot and six random characters.
  '.*.??????',
];

/** Tells such names; `more` are patterns of a site's own senders. */
export function partialNames(more: readonly string[] = []): (name: string) => boolean {
  const patterns = [...PARTIAL_NAMES, ...more].map((pattern) => patternOf(pattern));
  return (name) => patterns.some((pattern) => pattern.test(name));
}

function patternOf(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.+^$(){}|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'isu');
}
