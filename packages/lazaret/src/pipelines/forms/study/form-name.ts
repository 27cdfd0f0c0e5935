/** Which files of a folder are taken for forms. */
import { extname } from 'node:path';

const EXTENSIONS: ReadonlySet<string> = new Set(['.csv', '.json', '.ndjson']);

export function isFormName(name: string): boolean {
  return EXTENSIONS.has(extname(name).toLowerCase());
}
