/** Calls to services: retried by the service's policy, paused by its gate, never given up early. */
import {
  createDependencyGate,
  gateCodes,
  retry,
  retryableBy,
  toFault,
  type Catalogue,
  type Clock,
  type DependencyGate,
  type Fault,
  type GateEvent,
} from '@lazaret/faults';
import type { Log } from '../log/log.ts';
import type { Dependency } from './pipeline.ts';

export interface DependencyCalls {
  call<Result>(name: string, operation: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
}

export interface DependencyOptions {
  readonly dependencies: readonly Dependency[];
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly maxPauseMs: number;
  /** The cause is the latest failure that the gate was told of. */
  readonly onGate: (
    dependency: Pick<Dependency, 'name' | 'contact'>,
    event: GateEvent,
    cause: Fault | null,
  ) => void;
}

interface Known {
  readonly gate: DependencyGate;
  readonly about: Dependency;
  successes: number;
  latest: Fault | null;
}

/** How often one call may use up its retries while other calls to the same service succeed. */
const MAX_ROUNDS = 5;

/**
 * A failure that will pass is waited out: the retries of one call, then the gate, which pauses the
 * work of everybody who needs that service, up to the longest pause. Good items are never set aside
 * because an endpoint is down. A failure that will not pass is the caller's at once.
 */
export function createDependencyCalls(options: DependencyOptions): DependencyCalls {
  const { catalogue, clock, random, log, signal } = options;
  const retryable = retryableBy(catalogue);
  const gates = new Map<string, Known>();
  for (const about of options.dependencies) {
    const gate = createDependencyGate({
      dependency: about.name,
      clock,
      policy: { ...about.gate, maxPauseMs: options.maxPauseMs },
      events: (event) => options.onGate(about, event, gates.get(about.name)?.latest ?? null),
    });
    gates.set(about.name, { gate, about, successes: 0, latest: null });
  }
  return {
    async call(name, operation) {
      const known = gates.get(name);
      if (known === undefined) throw new Error(`No dependency is declared as ${name}.`);
      const begunMs = clock.monotonic();
      const before = known.successes;
      for (let rounds = 1; ; rounds += 1) {
        const leave = await known.gate.pass(signal);
        const failures: Fault[] = [];
        try {
          const value = await retry(known.about.policy, (attempt) => operation(attempt.signal), {
            clock,
            random,
            safety: 'idempotent',
            retryable,
            signal,
            dependency: name,
            events: (event) => {
              if (event.type === 'attempt-failed') failures.push(event.fault);
            },
          });
          known.successes += 1;
          leave.succeeded();
          const last = failures.at(-1);
          if (last !== undefined) {
            log.fault(last, { kind: 'recovered', attempts: failures.length + 1 });
          }
          return value;
        } catch (error) {
          if (signal.aborted) {
            leave.abandoned();
            throw error;
          }
          const fault = toFault(error, { dependency: name });
          if (!retryable(fault)) {
            leave.abandoned();
            throw fault;
          }
          known.latest = fault;
          leave.failed();
          log.fault(fault, { kind: 'exhausted', attempts: failures.length });
          // The others get their answers all the while: it is this call, and not the service.
          if (rounds >= MAX_ROUNDS && known.successes > before) throw fault;
          // So slow a failure that the gate never hears enough of them at a time to open.
          const waitedMs = clock.monotonic() - begunMs;
          if (waitedMs > options.maxPauseMs) {
            throw gateCodes.fault('DependencyPausedTooLong', {
              dependency: name,
              waitedSeconds: Math.round(waitedMs / 1_000),
            });
          }
        }
      }
    },
  };
}
