/** A participant withdraws: nothing of hers stays, and nobody else is touched. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EraseDocument } from '../../src/cli/retention.ts';
import { filesWith, openWorld, SARA, TOM, tokensOf, UMA, type World } from './erasure-world.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld([TOM, UMA, SARA]);
}, 120_000);
afterAll(() => world.close());

const REASON = ['--reason', 'consent withdrawn', '--user', 'anna@example.org'];

describe('a participant of forms who withdraws', { timeout: 120_000 }, () => {
  it('is in files of every kind before', () => {
    const files = filesWith(world, tokensOf(SARA)).join('\n');
    expect(files).toMatch(/Forms\/UDS_\w+\.ndjson/);
    expect(files).toMatch(/\.recall\.json/);
    expect(files).toMatch(/QC\//);
    expect(files).toMatch(/Fix\/.*csv/);
    expect(files).toMatch(/Fix\/.*html/);
  });

  it('is in none of them afterwards', async () => {
    const erased = await world.line.ask<EraseDocument>('erase', '--subject', SARA.id, ...REASON);
    console.log(erased);
    expect(filesWith(world, tokensOf(SARA))).toEqual([]);
  });
});
