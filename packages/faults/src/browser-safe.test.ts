import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const folder = new URL('./', import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
);

describe('the package', () => {
  it('uses nothing that only Node has, and imports nothing from outside', () => {
    expect(files.length).toBeGreaterThan(30);
    for (const file of files) {
      const source = readFileSync(new URL(file, folder), 'utf8');
      const imports = [...source.matchAll(/^(?:import|export) [^;]*?from '([^']+)'/gm)];
      const outside = imports
        .map((match) => match[1] ?? '')
        .filter((name) => !name.startsWith('.'));
      expect([file, outside]).toEqual([file, []]);
      expect([
        file,
        /\b(?:Buffer|setImmediate|__dirname|require)\b\s*[.(]|\bprocess\./.test(source),
      ]).toEqual([file, false]);
    }
  });
});
