/** Of which forms the records of a file may be: of one, or each of what a column of it says. */
import type { RecordSchema } from '../schema/record-schema.ts';
import {
  moduleNamed,
  moduleOfFile,
  whyNotTaken,
  type ModuleChoice,
} from '../study/module-of-file.ts';

export interface FileForms {
  /** Why it is not to be read: no form of the study takes it, or several do. Null where one does. */
  readonly refusal: string | null;
  /** Every name that a column may have, in the order of the schemas. */
  readonly known: readonly string[];
  /** The column that says of which form a record is; null: all of them are of one. */
  readonly moduleColumn: string | null;
  /** @param text what stands in that column; null where it names no form of the study */
  schemaOf(text: string): RecordSchema | null;
}

/** @throws ModuleNotInStudy */
export function formsOfFile(
  choice: ModuleChoice,
  schemas: ReadonlyMap<string, RecordSchema>,
  path: string,
): FileForms {
  const of = moduleOfFile(choice, path);
  if (of.kind === 'none') {
    const refusal = whyNotTaken(choice.study, of.takers);
    return { refusal, known: [], moduleColumn: null, schemaOf: () => null };
  }
  if (of.kind === 'module') {
    const schema = schemas.get(of.name);
    if (schema === undefined) throw new Error('A module of the study has no schema.');
    return { refusal: null, known: schema.columns, moduleColumn: null, schemaOf: () => schema };
  }
  const known = new Set([of.column]);
  for (const { columns } of schemas.values()) for (const name of columns) known.add(name);
  return {
    refusal: null,
    known: [...known],
    moduleColumn: of.column,
    schemaOf: (text) => schemas.get(moduleNamed(choice.study, text) ?? '') ?? null,
  };
}
