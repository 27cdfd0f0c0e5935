import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

const pages = [
  'README.md',
  ...globSync('docs/{guides,decisions}/*.md', { cwd: root }),
  ...globSync('packages/lazaret/src/**/README.md', { cwd: root }),
].sort();

/** Names of code are written `engine/publish.ts:publishAttempt`, relative to the application. */
const NAMED = /`([\w./-]+\.(?:ts|sql|json))(?::(\w+))?`/g;
const LINKED = /\]\((?!https?:|#)([^)#\s]+)/g;

function findFile(name: string, page: string): string | null {
  const folders = ['packages/lazaret/src', path.dirname(page), '.'];
  const found = folders.map((folder) => path.join(root, folder, name)).find(existsSync);
  return found ?? null;
}

function isDefined(name: string, source: string): boolean {
  return [
    new RegExp(String.raw`\b(?:function\*?|class|const|let|interface|type) ${name}\b`),
    new RegExp(String.raw`^\s+(?:async )?(?:#|\*)?${name}(?:<\w+>)?\(`, 'm'),
  ].some((pattern) => pattern.test(source));
}

/** What a page names and the code does not have. */
function complain(page: string, text: string): string[] {
  const named = [...text.matchAll(NAMED)].flatMap(([whole, file = '', name]) => {
    // An example that leads elsewhere, or a bare name such as a configuration file's.
    if (file.startsWith('..') || (!file.includes('/') && name === undefined)) return [];
    const found = findFile(file, page);
    if (found === null) return [`${whole}: there is no such file`];
    if (name === undefined || isDefined(name, readFileSync(found, 'utf8'))) return [];
    return [`${whole}: the file has no such name`];
  });
  const linked = [...text.matchAll(LINKED)].flatMap(([, target = '']) =>
    existsSync(path.join(root, path.dirname(page), target)) ? [] : [`${target}: a dead link`],
  );
  return [...named, ...linked];
}

describe('the pages that people read', () => {
  it.each(pages)('name files and functions that exist: %s', (page) => {
    expect(complain(page, readFileSync(path.join(root, page), 'utf8'))).toEqual([]);
  });

  it('would be found out if they did not', () => {
    const text =
      '`engine/publish.ts:publishAttempt` `engine/gone.ts:work` `engine/publish.ts:gone` [x](gone.md)';
    expect(complain('README.md', text)).toEqual([
      '`engine/gone.ts:work`: there is no such file',
      '`engine/publish.ts:gone`: the file has no such name',
      'gone.md: a dead link',
    ]);
  });
});
