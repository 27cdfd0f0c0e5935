import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedFolder } from '../../../../../../fixtures/shared.ts';
import {
  runConformanceCase,
  type ConformanceCase,
  type ConformanceError,
  type ConformanceResult,
} from './conformance.ts';
import { deviationsOf } from './deviations.ts';
import type { Dialect } from './dialect.ts';

type Expected = ConformanceCase & { readonly expect: ConformanceResult };

interface CaseFile {
  readonly meta: { readonly now: string };
  readonly schemas: Readonly<Record<string, unknown>>;
  readonly datastores: Readonly<Record<string, unknown>>;
  readonly cases: readonly Expected[];
}

function readCases(folder: string): CaseFile {
  return JSON.parse(
    readFileSync(path.join(folder, 'cases', 'form-rules.json'), 'utf8'),
  ) as CaseFile;
}

/** What counts: whether a record is valid, and per field which rules it breaks. */
function compared(result: ConformanceResult): unknown {
  if ('raises' in result) return { raises: true };
  if (result.errors === undefined)
    return 'record' in result ? { record: result.record } : { result: result.result };
  const text = ({ rule, code, rule_no }: ConformanceError): string =>
    [rule, code, rule_no ?? ''].join(' ');
  const errors = Object.entries(result.errors).map(([field, list]): [string, string[]] => [
    field,
    list.map(text).toSorted(),
  ]);
  return { valid: result.valid, errors: Object.fromEntries(errors) };
}

async function disagreements(file: CaseFile, dialect: Dialect): Promise<readonly Expected[]> {
  const library = { schemas: file.schemas, datastores: file.datastores, now: file.meta.now };
  const found: Expected[] = [];
  for (const test of file.cases) {
    const result = await runConformanceCase(test, library, dialect);
    try {
      expect(compared(result)).toEqual(compared(test.expect));
    } catch {
      found.push(test);
    }
  }
  return found;
}

const title = sharedFolder === null ? ' (skipped: ../shared is not there)' : '';

describe.skipIf(sharedFolder === null)(`the conformance cases of the rule language${title}`, () => {
  it.each(['reference', 'lazaret'] as const)(
    'agree in the dialect %s, but for the deviations that are listed',
    async (dialect) => {
      const file = readCases(sharedFolder ?? '');
      const library = { schemas: file.schemas, datastores: file.datastores, now: file.meta.now };
      const found = await disagreements(file, dialect);
      const unexplained = found.filter((test) => deviationsOf(test, library, dialect).length === 0);
      expect(unexplained.map(({ id }) => id)).toEqual([]);
      expect(file.cases.length).toBeGreaterThan(1600);
      // Deviations explain; they must not come to excuse whatever goes wrong.
      expect(found.length).toBeLessThan(
        file.cases.length * (dialect === 'reference' ? 0.01 : 0.05),
      );
    },
  );
});
