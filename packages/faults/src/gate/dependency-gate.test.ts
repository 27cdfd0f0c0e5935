import { describe, expect, it } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import {
  createDependencyGate,
  type GateEvent,
  type GatePolicy,
  type Pass,
} from './dependency-gate.ts';

const POLICY: GatePolicy = {
  windowMs: 60_000,
  minimumCalls: 4,
  failureRate: 0.5,
  openMs: 10_000,
  probes: 2,
  probeMs: 5_000,
  maxPauseMs: 60_000,
  maxWaiting: 3,
};

function setUp(policy: Partial<GatePolicy> = {}) {
  const clock = manualClock();
  const events: GateEvent[] = [];
  const gate = createDependencyGate({
    dependency: 'the archive',
    clock,
    policy: { ...POLICY, ...policy },
    events: (event) => void events.push(event),
  });
  const call = async (how: keyof Pass): Promise<void> => (await gate.pass())[how]();
  const breakDown = async (): Promise<void> => {
    for (let index = 0; index < POLICY.minimumCalls; index += 1) await call('failed');
  };
  return { clock, events, gate, call, breakDown };
}

describe('the dependency gate', () => {
  it('stays closed below the minimum of calls and below the rate', async () => {
    const { gate, call } = setUp();
    for (let index = 0; index < 3; index += 1) await call('failed');
    expect(gate.state()).toBe('closed');
    const other = setUp();
    for (let index = 0; index < 5; index += 1) await other.call('succeeded');
    for (let index = 0; index < 4; index += 1) await other.call('failed');
    expect(other.gate.state()).toBe('closed');
    await other.call('failed');
    expect(other.gate.state()).toBe('open');
  });

  it('opens when enough of enough calls failed', async () => {
    const { gate, call, events } = setUp();
    for (const how of ['succeeded', 'succeeded', 'failed', 'failed'] as const) await call(how);
    expect(gate.state()).toBe('open');
    expect(events).toEqual([{ type: 'opened', calls: 4, failures: 2 }]);
  });

  it('does not count failures from before an idle hour', async () => {
    const { gate, call, clock } = setUp();
    for (let index = 0; index < 3; index += 1) await call('failed');
    await clock.advance(3_600_000);
    await call('failed');
    expect(gate.state()).toBe('closed');
    for (let index = 0; index < 2; index += 1) await call('failed');
    expect(gate.state()).toBe('closed');
    await call('failed');
    expect(gate.state()).toBe('open');
  });

  it('does not count calls that were abandoned, nor anything said twice', async () => {
    const { gate, call } = setUp();
    for (let index = 0; index < 10; index += 1) await call('abandoned');
    const pass = await gate.pass();
    for (let index = 0; index < 10; index += 1) pass.failed();
    expect(gate.state()).toBe('closed');
  });

  it('pauses a call while open, and lets it through once the open time is over', async () => {
    const { gate, breakDown, clock, events } = setUp();
    await breakDown();
    let passed = false;
    const waiting = gate.pass().then((pass) => {
      passed = true;
      return pass;
    });
    await clock.advance(9_999);
    expect([passed, gate.state(), gate.waiting()]).toEqual([false, 'open', 1]);
    await clock.advance(1);
    expect([passed, gate.state(), gate.waiting()]).toEqual([true, 'half-open', 0]);
    (await waiting).succeeded();
    expect(events.slice(1)).toEqual([
      { type: 'paused', waiting: 1 },
      { type: 'half-opened' },
      { type: 'resumed', waitedMs: 10_000 },
    ]);
  });

  it('lets a limited number of probes through and closes when they succeeded', async () => {
    const { gate, breakDown, clock } = setUp();
    await breakDown();
    await clock.advance(10_000);
    const first = await gate.pass();
    const second = await gate.pass();
    let third = false;
    const waiting = gate.pass().then(() => {
      third = true;
    });
    first.succeeded();
    await clock.advance(0);
    expect([gate.state(), third]).toEqual(['half-open', false]);
    second.succeeded();
    await waiting;
    expect([gate.state(), third]).toEqual(['closed', true]);
  });

  it('gives the place of an abandoned probe to the next', async () => {
    const { gate, breakDown, clock } = setUp({ probes: 1 });
    await breakDown();
    await clock.advance(10_000);
    const probe = await gate.pass();
    const waiting = gate.pass();
    probe.abandoned();
    (await waiting).succeeded();
    expect(gate.state()).toBe('closed');
  });

  it('opens again when a probe fails or says nothing', async () => {
    const { gate, breakDown, clock } = setUp();
    await breakDown();
    await clock.advance(10_000);
    (await gate.pass()).failed();
    expect(gate.state()).toBe('open');
    await clock.advance(10_000);
    const silent = await gate.pass();
    await clock.advance(5_000);
    expect(gate.state()).toBe('open');
    silent.succeeded();
    expect(gate.state()).toBe('open');
  });

  it('does not hear what calls from before the opening say', async () => {
    const { gate, breakDown, clock } = setUp();
    const early = await Promise.all(Array.from({ length: POLICY.minimumCalls }, () => gate.pass()));
    await breakDown();
    await clock.advance(10_000);
    expect(gate.state()).toBe('half-open');
    for (const pass of early) pass.failed();
    expect(gate.state()).toBe('half-open');
  });

  it('gives up a call that waited too long, and says whom it waited for', async () => {
    const { gate, breakDown, clock } = setUp({ openMs: 120_000 });
    await breakDown();
    await expect(clock.settle(gate.pass())).rejects.toMatchObject({
      code: 'DependencyPausedTooLong',
      parameters: { dependency: 'the archive', waitedSeconds: 60 },
    });
    expect([gate.waiting(), clock.sleepers()]).toEqual([0, 0]);
  });

  it('gives up a call at once when it is aborted while it waits', async () => {
    const { gate, breakDown, clock } = setUp();
    await breakDown();
    const controller = new AbortController();
    const waiting = gate.pass(controller.signal);
    await clock.advance(1);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'Aborted' });
    expect([gate.waiting(), clock.sleepers()]).toEqual([0, 0]);
    await expect(gate.pass(controller.signal)).rejects.toMatchObject({ code: 'Aborted' });
  });

  it('lets only so many wait', async () => {
    const { gate, breakDown, clock } = setUp();
    await breakDown();
    const waiting = [gate.pass(), gate.pass(), gate.pass()];
    await expect(gate.pass()).rejects.toMatchObject({ code: 'DependencyQueueFull' });
    const done = Promise.all(waiting.map(async (pass) => (await pass).succeeded()));
    await clock.settle(done);
    expect([gate.state(), gate.waiting()]).toEqual(['closed', 0]);
  });
});
