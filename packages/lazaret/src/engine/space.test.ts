import { describe, expect, it } from 'vitest';
import type { Fault } from '@lazaret/faults';
import { manualClock } from '@lazaret/faults/testing';
import type { Log } from '../log/log.ts';
import { createSpaceGate, type SpaceGateOptions } from './space.ts';

const MB = 1_000_000;

function makeGate(given: Partial<SpaceGateOptions> = {}) {
  const clock = manualClock();
  const told: Fault[] = [];
  const events: string[] = [];
  const free = { data: 900 * MB, output: 900 * MB };
  const silent = (): void => undefined;
  const log: Log = {
    say: silent,
    tell: silent,
    fault: (fault) => told.push(fault),
    about: () => log,
  };
  const gate = createSpaceGate({
    places: [
      { name: 'data', path: 'data' },
      { name: 'output', path: 'output' },
    ],
    limits: { alarmBytes: 500 * MB, pauseBytes: 100 * MB, contact: 'storage@example.org' },
    clock,
    log,
    maxPauseMs: 60_000,
    onGate: (_, { type }) => events.push(type),
    freeBytes: (path) => Promise.resolve(path === 'data' ? free.data : free.output),
    ...given,
  });
  const signal = new AbortController().signal;
  return { gate, clock, told, events, free, pass: () => gate.pass(signal) };
}

const codes = (told: readonly Fault[]): string[] => told.map(({ code }) => code);

describe('the space gate', () => {
  it('lets through where there is room, and says nothing', async () => {
    const { pass, told, events } = makeGate();
    await pass();
    expect([told, events]).toEqual([[], []]);
  });

  it('raises one alarm before there is too little, with the contact (SpaceRunsLow)', async () => {
    const { pass, clock, told, events, free } = makeGate();
    free.output = 400 * MB;
    await pass();
    await clock.advance(10_000);
    await pass();
    expect(codes(told)).toEqual(['SpaceRunsLow']);
    expect(told[0]?.parameters).toEqual({
      place: 'output',
      freeMegabytes: 400,
      contact: 'storage@example.org',
    });
    expect(events).toEqual([]);
    free.output = 600 * MB;
    await clock.advance(10_000);
    await pass();
    free.output = 400 * MB;
    await clock.advance(10_000);
    await pass();
    expect(codes(told)).toEqual(['SpaceRunsLow', 'SpaceRunsLow']);
  });

  it('pauses below the limit, and goes on when there is room again (SpaceTooLow)', async () => {
    const { pass, clock, told, events, free } = makeGate();
    free.data = 50 * MB;
    let through = false;
    const passing = pass().then(() => (through = true));
    await clock.advance(20_000);
    expect([through, events]).toEqual([false, ['opened']]);
    expect(codes(told)).toEqual(['SpaceRunsLow', 'SpaceTooLow']);
    free.data = 700 * MB;
    await clock.settle(passing);
    expect(events).toEqual(['opened', 'closed']);
  });

  it('gives up after the longest pause', async () => {
    const { pass, clock, free } = makeGate();
    free.data = 0;
    await expect(clock.settle(pass())).rejects.toMatchObject({
      code: 'DependencyPausedTooLong',
      parameters: { dependency: 'disk space' },
    });
  });

  it('believes a write that failed more than the figure, tries again, and gives up in the end', async () => {
    const { gate, pass, clock, events } = makeGate();
    for (let failures = 0; failures < 3; failures += 1) {
      gate.full();
      await clock.settle(pass());
    }
    expect(events).toEqual(['opened', 'closed', 'opened', 'closed', 'opened', 'closed']);
    gate.well();
    gate.full();
    await clock.settle(pass());
    const failing = async (): Promise<void> => {
      for (let failures = 0; failures < 100; failures += 1) {
        gate.full();
        await pass();
      }
    };
    await expect(clock.settle(failing())).rejects.toMatchObject({
      code: 'DependencyPausedTooLong',
    });
  });

  it('makes all wait who ask meanwhile', async () => {
    const { pass, clock, events, free } = makeGate();
    free.data = 0;
    const all = Promise.all([pass(), pass(), pass()]);
    await clock.advance(5_000);
    free.data = 900 * MB;
    await clock.settle(all);
    expect(events).toEqual(['opened', 'closed']);
  });
});
