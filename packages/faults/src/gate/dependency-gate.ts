/**
 * The dependency gate: one for each system that we depend on, shared by all who call it. When most
 * calls fail it opens its circuit and *pauses* work, so that no good record is set aside because
 * an endpoint is down.
 *
 *   closed ──failure rate over the limit──▶ open
 *   open ──open time is over──▶ half-open      half-open ──enough probes succeeded──▶ closed
 *                                              half-open ──a probe failed──▶ open
 *
 * As in electricity, *closed* lets through and *open* does not.
 */
import { general } from '../base/general.ts';
import type { Clock } from '../clock.ts';
import { gates } from './codes.ts';
import { createOutcomeWindow, type OutcomeWindow } from './outcome-window.ts';

export type GateState = 'closed' | 'open' | 'half-open';

export interface GatePolicy {
  /** Outcomes older than this are forgotten. */
  readonly windowMs: number;
  /** No verdict before so many calls within the window. */
  readonly minimumCalls: number;
  /** Failures among the calls, 0 to 1, from which on the circuit opens. */
  readonly failureRate: number;
  readonly openMs: number;
  /** Calls let through at a time while half-open; so many have to succeed. */
  readonly probes: number;
  /** A probe that says nothing for so long counts as failed. */
  readonly probeMs: number;
  /** Longest pause of one call. */
  readonly maxPauseMs: number;
  /** Most calls that wait. */
  readonly maxWaiting: number;
}

export const DEFAULT_GATE: GatePolicy = {
  windowMs: 60_000,
  minimumCalls: 10,
  failureRate: 0.5,
  openMs: 60_000,
  probes: 3,
  probeMs: 120_000,
  maxPauseMs: 30 * 60_000,
  maxWaiting: 1000,
};

export type GateEvent =
  | { readonly type: 'opened'; readonly calls: number; readonly failures: number }
  | { readonly type: 'half-opened' }
  | { readonly type: 'closed' }
  | { readonly type: 'paused'; readonly waiting: number }
  | { readonly type: 'resumed'; readonly waitedMs: number };

/** Leave for one call. How the call went has to be said exactly once; what is said later is void. */
export interface Pass {
  readonly succeeded: () => void;
  /** The dependency is at fault. */
  readonly failed: () => void;
  /** It ended for another reason, e.g. an abort; says nothing about the dependency. */
  readonly abandoned: () => void;
}

export interface DependencyGate {
  readonly state: () => GateState;
  readonly waiting: () => number;
  /**
   * Leave for one call; waits while the circuit is open.
   *
   * Throws `DependencyPausedTooLong`, `DependencyQueueFull`, and `Aborted` as soon as the signal
   * aborts.
   */
  readonly pass: (signal?: AbortSignal) => Promise<Pass>;
}

export interface GateOptions {
  /** What people call the dependency. */
  readonly dependency: string;
  readonly clock: Clock;
  readonly policy?: Partial<GatePolicy>;
  readonly events?: (event: GateEvent) => void;
}

export function createDependencyGate(options: GateOptions): DependencyGate {
  const gate = new Gate(options);
  return {
    state: () => gate.state(),
    waiting: () => gate.waiting,
    pass: (signal) => gate.pass(signal),
  };
}

class Gate {
  waiting = 0;
  readonly #dependency: string;
  readonly #clock: Clock;
  readonly #policy: GatePolicy;
  readonly #events: ((event: GateEvent) => void) | undefined;
  readonly #window: OutcomeWindow;
  #state: GateState = 'closed';
  /** Grows with each change of state, so that a pass from before says nothing about now. */
  #era = 0;
  #openUntilMs = 0;
  /** When each probe that is under way was let through, by its number. */
  readonly #probes = new Map<number, number>();
  #probeNumber = 0;
  #probesSucceeded = 0;
  /** Aborts, and so wakes those who wait, at the next change. */
  #change = new AbortController();

  constructor({ dependency, clock, policy, events }: GateOptions) {
    this.#dependency = dependency;
    this.#clock = clock;
    this.#policy = { ...DEFAULT_GATE, ...policy };
    this.#events = events;
    this.#window = createOutcomeWindow(this.#policy.windowMs);
  }

  /** Time alone moves the gate on, too, so that looking at it is enough to know. */
  state(): GateState {
    const nowMs = this.#clock.monotonic();
    if (this.#state === 'open' && nowMs >= this.#openUntilMs) {
      this.#enter('half-open');
      this.#events?.({ type: 'half-opened' });
    } else if (this.#state === 'half-open') {
      const silent = [...this.#probes.values()].some((at) => nowMs - at >= this.#policy.probeMs);
      if (silent) this.#open(this.#probes.size, this.#probes.size);
    }
    return this.#state;
  }

  async pass(signal?: AbortSignal): Promise<Pass> {
    throwIfAborted(signal);
    const atOnce = this.#tryPass();
    if (atOnce !== null) return atOnce;
    if (this.waiting >= this.#policy.maxWaiting) {
      throw gates.fault('DependencyQueueFull', {
        dependency: this.#dependency,
        waiting: this.waiting,
      });
    }
    const startMs = this.#clock.monotonic();
    this.waiting += 1;
    this.#events?.({ type: 'paused', waiting: this.waiting });
    try {
      for (;;) {
        const waitedMs = this.#clock.monotonic() - startMs;
        const leftMs = this.#policy.maxPauseMs - waitedMs;
        if (leftMs <= 0) {
          const waitedSeconds = Math.round(waitedMs / 1000);
          throw gates.fault('DependencyPausedTooLong', {
            dependency: this.#dependency,
            waitedSeconds,
          });
        }
        await this.#nextChange(Math.min(leftMs, this.#untilMoveMs()), signal);
        throwIfAborted(signal);
        const pass = this.#tryPass();
        if (pass !== null) {
          this.#events?.({ type: 'resumed', waitedMs: this.#clock.monotonic() - startMs });
          return pass;
        }
      }
    } finally {
      this.waiting -= 1;
    }
  }

  #tryPass(): Pass | null {
    switch (this.state()) {
      case 'closed':
        return this.#closedPass();
      case 'half-open': {
        const taken = this.#probes.size + this.#probesSucceeded;
        return taken < this.#policy.probes ? this.#probePass() : null;
      }
      case 'open':
        return null;
    }
  }

  #closedPass(): Pass {
    const say = this.#once((outcome) => {
      if (outcome === 'abandoned') return;
      const nowMs = this.#clock.monotonic();
      this.#window.add(outcome === 'failed', nowMs);
      const { calls, failures } = this.#window.counts(nowMs);
      const many = calls >= this.#policy.minimumCalls;
      if (many && failures / calls >= this.#policy.failureRate) this.#open(calls, failures);
    });
    return passOf(say);
  }

  #probePass(): Pass {
    this.#probeNumber += 1;
    const number = this.#probeNumber;
    this.#probes.set(number, this.#clock.monotonic());
    const say = this.#once((outcome) => {
      this.#probes.delete(number);
      if (outcome === 'failed') {
        this.#open(this.#probesSucceeded + 1, 1);
        return;
      }
      if (outcome === 'succeeded') this.#probesSucceeded += 1;
      if (this.#probesSucceeded >= this.#policy.probes) {
        this.#enter('closed');
        this.#events?.({ type: 'closed' });
      } else {
        this.#wake();
      }
    });
    return passOf(say);
  }

  /** Hears the first thing that is said about a pass, as long as the gate is where it was. */
  #once(hear: (outcome: keyof Pass) => void): (outcome: keyof Pass) => void {
    const era = this.#era;
    let said = false;
    return (outcome) => {
      if (said || era !== this.#era) return;
      said = true;
      hear(outcome);
    };
  }

  #open(calls: number, failures: number): void {
    this.#enter('open');
    this.#openUntilMs = this.#clock.monotonic() + this.#policy.openMs;
    this.#events?.({ type: 'opened', calls, failures });
  }

  #enter(state: GateState): void {
    this.#state = state;
    this.#era += 1;
    this.#window.clear();
    this.#probes.clear();
    this.#probesSucceeded = 0;
    this.#wake();
  }

  #wake(): void {
    const change = this.#change;
    this.#change = new AbortController();
    change.abort();
  }

  /** How long until time alone may move the gate. */
  #untilMoveMs(): number {
    const nowMs = this.#clock.monotonic();
    if (this.#state === 'open') return Math.max(0, this.#openUntilMs - nowMs);
    const oldest = Math.min(...this.#probes.values());
    return Math.max(0, oldest + this.#policy.probeMs - nowMs);
  }

  /** Sleeps until the gate changes, the caller aborts or the time is over. */
  async #nextChange(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const change = this.#change.signal;
    const either = signal === undefined ? change : AbortSignal.any([change, signal]);
    try {
      await this.#clock.sleep(ms, either);
    } catch (thrown) {
      // Being woken is not a failure; anything else that a clock throws is.
      if (!either.aborted) throw thrown;
    }
  }
}

function passOf(say: (outcome: keyof Pass) => void): Pass {
  return {
    succeeded: () => say('succeeded'),
    failed: () => say('failed'),
    abandoned: () => say('abandoned'),
  };
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw general.fault('Aborted', {}, { cause: signal.reason });
}
