/** JSON pointers (RFC 6901). */

export function escapeName(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

export function unescapeName(name: string): string {
  return name.replaceAll('~1', '/').replaceAll('~0', '~');
}

export function namesOf(pointer: string): string[] {
  return pointer.split('/').slice(1).map(unescapeName);
}
