/** The files that a schema refers to, read along with it, so that a run depends on no file later. */
import { isKeywords } from './plain-words.ts';
import { resolveUri, SCHEMA_HOME, SchemaIndex } from './schema-index.ts';

/** Most files that a schema may be spread over. */
const MOST_FILES = 100;

/**
 * Reads what a schema refers to, and what that refers to in turn. What is not there, or is one too
 * many, is left out: compiling the schema then tells each reference that leads nowhere.
 *
 * @param read the content of a file by its name, as a reference gives it: `header.json`, or a whole
 * address where the file lies elsewhere; and by the address that the name stands for. Undefined
 * where there is none.
 */
export function gatherSchemaFiles(
  schema: unknown,
  read: (name: string, uri: string) => unknown,
): Record<string, unknown> {
  const files = new Map<string, Readonly<Record<string, unknown>>>();
  const asked = new Set<string>();
  if (!isKeywords(schema)) return {};
  const home = resolveUri('.', new SchemaIndex(schema, files).baseOf(schema)) ?? SCHEMA_HOME;
  for (let isOpen = true; isOpen;) {
    isOpen = false;
    for (const uri of new SchemaIndex(schema, files).missingFiles()) {
      if (asked.has(uri) || files.size >= MOST_FILES) continue;
      asked.add(uri);
      const name = uri.startsWith(home) ? uri.slice(home.length) : uri;
      const content = read(name, uri);
      if (!isKeywords(content)) continue;
      files.set(name, content);
      isOpen = true;
    }
  }
  return Object.fromEntries(files);
}
