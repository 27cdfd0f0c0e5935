import { describe, expect, it } from 'vitest';
import { checkText } from './text-rules.ts';

describe('the check of every text', () => {
  it.each([
    ['a path of one machine', ['', 'home', 'alice', 'data'].join('/')],
    ['a path of one machine', `see ${['', 'work', 'main'].join('/')}`],
    ['the host of a package registry', ['https://registry', 'npmjs', 'org/pg'].join('.')],
    ['what looks like a secret', `key = ${'AKIA'}${'A'.repeat(16)}`],
    ['what looks like a secret', ['-----BEGIN RSA PRIVATE', 'KEY-----'].join(' ')],
    ['work left over', `// ${'TO'}${'DO'} later`],
  ])('finds %s', (name, line) => {
    expect(checkText(`fine\n${line}\nfine`)).toEqual([expect.stringContaining(`2: ${name}`)]);
  });

  it('leaves paths of a site, of a program and of a web address alone', () => {
    expect(
      checkText('data/home/x ./work/y /usr/bin/env https://a.example/home/x ~/work/z'),
    ).toEqual([]);
  });
});
