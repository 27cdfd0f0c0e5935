import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const PAGE = 'docs/guides/imaging-statements.md';

interface Row {
  readonly statement: string;
  readonly file: string;
  readonly title: string;
}

function rowsOf(text: string): Row[] {
  return [...text.matchAll(/^\| (.+?) +\| `(.+?)` +\| (.+?) +\|$/gm)].map(
    ([, statement = '', file = '', title = '']) => ({ statement, file, title }),
  );
}

/** What is wrong with a row, or null. A title has to stand in the file as a string of its own. */
function complain({ file, title }: Row): string | null {
  const full = path.join(root, file);
  if (!existsSync(full)) return `${file}: there is no such file`;
  const text = readFileSync(full, 'utf8');
  const isThere = [`'${title}'`, `"${title}"`, `\`${title}\``].some((one) => text.includes(one));
  return isThere ? null : `${file}: no test is called "${title}"`;
}

describe('the table of what is asked of images', () => {
  const rows = rowsOf(readFileSync(path.join(root, PAGE), 'utf8'));

  it('names tests that exist', () => {
    expect(rows.map(complain).filter((one) => one !== null)).toEqual([]);
  });

  it('has every statement of the seed, from 1 to 20, and each line of the table is read', () => {
    const numbers = new Set(rows.map(({ statement }) => /^\d+[ab]?(?=\.)/.exec(statement)?.[0]));
    const wanted = [...Array.from({ length: 20 }, (_, index) => String(index + 1)), '18a', '18b'];
    expect(wanted.filter((number) => !numbers.has(number))).toEqual([]);
    const lines = readFileSync(path.join(root, PAGE), 'utf8').split('\n');
    const written = lines.filter((line) => /^\| (?!statement|-)/.test(line));
    expect(rows).toHaveLength(written.length);
  });

  it('would be found out if it named what is not there', () => {
    const [row] = rowsOf(
      '| 1. x | `packages/lazaret/test/imaging/again.test.ts` | no such title |',
    );
    expect(row && complain(row)).toMatch(/no test is called/);
  });
});
