/** A pipeline of another shape than imaging: lines of a text file, put together by a key. */
import { stage, type Pipeline } from '../../src/engine/pipeline.ts';
import { linesCodes } from './codes.ts';
import type { Line, LineArrival, LinesConfiguration, LinesTools } from './line.ts';
import { lineSource } from './source.ts';
import { ask, check, confirm, parse, write } from './steps.ts';

export const pipeline: Pipeline<LinesConfiguration, LinesTools> = {
  name: 'lines',
  module: new URL(import.meta.url),
  codes: linesCodes.entries,
  stages: [
    stage<LineArrival, LinesTools>('read').item(parse).item(check).stage,
    stage<Line, LinesTools>('group', { cut: ({ key }) => key, dedupe: true }).batch(ask).stage,
    stage<Line & { code: string }, LinesTools>('write').batch(write).batch(confirm).stage,
  ],
  dependencies: () => [
    {
      name: 'coding',
      contact: 'coding@example.org',
      policy: { attempts: 3, baseMs: 5, capMs: 1_000, jitter: 'none', timeoutMs: 500 },
      gate: { minimumCalls: 4, openMs: 150, probes: 1, windowMs: 10_000, probeMs: 2_000 },
    },
  ],
  configure: (given) => given as LinesConfiguration,
  recipe: ({ policy }) => policy,
  open: ({ chunk }, location) => lineSource(location, chunk),
  tools: (configuration, { recipe }) => ({ configuration, recipe }),
  digestOf: (value) => (isLine(value) ? value.digest : null),
  factsOf: (value) => (isLine(value) ? { characters: value.text.length } : {}),
};

function isLine(value: unknown): value is Line {
  return typeof value === 'object' && value !== null && 'digest' in value;
}
