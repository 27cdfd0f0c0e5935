import { existsSync, globSync, readFileSync } from 'node:fs';
import { Fault } from '@lazaret/faults';
import { describe, expect, it } from 'vitest';
import { isKeywords } from './plain-words.ts';
import { compileSchema, type RecordSchema } from './record-schema.ts';
import { gatherSchemaFiles } from './schema-files.ts';
import { SUITE_DEVIATIONS, type Draft } from './suite-deviations.ts';

/** The official tests as Debian's libtest-json-schema-acceptance-perl brings them. */
const SUITE = '/usr/share/perl5/auto/share/dist/Test-JSON-Schema-Acceptance';
const REMOTE_HOST = 'http://localhost:1234/';
const hasSuite = existsSync(`${SUITE}/tests/draft2020-12`);

const DRAFTS: Readonly<Record<Draft, string>> = {
  draft7: 'http://json-schema.org/draft-07/schema#',
  'draft2019-09': 'https://json-schema.org/draft/2019-09/schema',
  'draft2020-12': 'https://json-schema.org/draft/2020-12/schema',
};

interface Group {
  readonly description: string;
  readonly schema: unknown;
  readonly tests: readonly {
    readonly description: string;
    readonly data: never;
    readonly valid: boolean;
  }[];
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** What a test's schema refers to, by its address; of another draft there is nothing. */
function readRemote(draft: Draft, uri: string): unknown {
  const path = uri.startsWith(REMOTE_HOST) ? uri.slice(REMOTE_HOST.length) : '';
  const isOfOther = path.startsWith('draft') && !path.startsWith(`${draft}/`);
  const file = `${SUITE}/remotes/${path}`;
  return path === '' || isOfOther || !existsSync(file) ? undefined : readJson(file);
}

/** The schema of a test as a file of this draft; null where it is refused. */
function compile(draft: Draft, given: unknown): RecordSchema | null {
  const schema = { $schema: DRAFTS[draft], ...(isKeywords(given) ? given : { allOf: [given] }) };
  const schemaFiles = gatherSchemaFiles(schema, (_, uri) => readRemote(draft, uri));
  try {
    return compileSchema({ name: 'SUITE', schema, schemaFiles });
  } catch (error) {
    if (error instanceof Fault && error.code === 'SchemaInvalid') return null;
    throw error;
  }
}

function runSuite(draft: Draft): { readonly passed: number; readonly failed: string[] } {
  const failed: string[] = [];
  let passed = 0;
  const folder = `${SUITE}/tests/${draft}`;
  for (const file of globSync('**/*.json', { cwd: folder }).sort()) {
    for (const { description, schema, tests } of readJson(`${folder}/${file}`) as Group[]) {
      const compiled = compile(draft, schema);
      for (const test of tests) {
        const isValid = compiled === null ? null : compiled.check(test.data).length === 0;
        if (isValid === test.valid) passed += 1;
        else failed.push(`${file}: ${description}: ${test.description}`);
      }
    }
  }
  return { passed, failed };
}

describe('the official tests of JSON Schema', () => {
  it.for<[Draft, number]>([
    ['draft7', 1332],
    ['draft2019-09', 1715],
    ['draft2020-12', 1696],
  ])(
    'of %s pass, but for the deviations that are listed with their reasons',
    { timeout: 180_000 },
    ([draft, expected], { skip }) => {
      skip(!hasSuite, 'libtest-json-schema-acceptance-perl is not installed');
      const { passed, failed } = runSuite(draft);
      const listed = SUITE_DEVIATIONS.filter(({ drafts }) => drafts.includes(draft)).flatMap(
        ({ cases }) => cases,
      );
      expect(failed.toSorted()).toEqual(listed.toSorted());
      expect(passed).toBe(expected);
    },
  );
});
