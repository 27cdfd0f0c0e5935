import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { configure } from '../configure.ts';
import type { FormModule } from '../study.ts';
import { orderModules } from './requirement.ts';

const module = (name: string, ...requires: string[]): FormModule => ({
  ...{ name, schema: { type: 'object' }, requires },
});

describe('the order of modules', () => {
  it('puts each one behind those that it requires', () => {
    const modules = [module('C', 'A', 'B'), module('B', 'A'), module('A'), module('D')];
    expect(orderModules(modules)).toEqual({ ok: true, order: ['A', 'B', 'C', 'D'] });
  });

  it('is refused where one is unknown, or where they go round in a circle', () => {
    const modules = [module('A', 'B'), module('B', 'C'), module('C', 'B'), module('D', 'X')];
    expect(orderModules(modules)).toEqual({
      ok: false,
      problems: [
        'D requires X, which is no module of the study',
        'modules require each other in a circle: B, C, B',
      ],
    });
  });
});

describe('a study whose modules cannot be ordered', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lazaret-study-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is refused before anything is read', () => {
    const path = join(folder, 'a.csv');
    writeFileSync(path, 'ptid\n1\n');
    const given = {
      ...{ source: JSON.stringify([path]), out: join(folder, 'out'), data: folder },
      study: { modules: [module('A', 'A')] },
    };
    expect(() => configure(given)).toThrow(
      expect.objectContaining({ code: 'RequirementsInvalid' }) as Error,
    );
  });
});
