import { defineCodes } from '@lazaret/faults';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { definePipeline } from './define-pipeline.ts';
import { folderFiles } from './folder-files.ts';

const pipeline = definePipeline({
  name: 'notes',
  module: import.meta.url,
  codes: defineCodes({}),
  settings: z.strictObject({ fewest: z.int().default(1) }),
  source: folderFiles,
  stages: [],
});

const surroundings = { source: '/in', out: '/out', data: '/data' };

describe('a pipeline that is defined the short way', () => {
  it('has its settings with their defaults, and the folder for deliveries', () => {
    expect(pipeline.configure(surroundings)).toEqual({ settings: { fewest: 1 }, out: '/out' });
  });

  it('has all settings in its recipe, and no folder', () => {
    expect(pipeline.recipe(pipeline.configure({ ...surroundings, fewest: 2 }))).toEqual({
      fewest: 2,
    });
  });

  it('refuses a setting that it does not know, with the nearest one', () => {
    expect(() => pipeline.configure({ ...surroundings, fewset: 2 })).toThrow(
      expect.objectContaining({
        code: 'SettingsInvalid',
        parameters: { pipeline: 'notes', problems: ['fewset: unknown; did you mean fewest?'] },
      }) as Error,
    );
  });
});
