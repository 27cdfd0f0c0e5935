/** Calls to services: retried by the service's policy, paused by its gate, never given up early. */
import {
  createDependencyGate,
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
  readonly onGate: (dependency: Dependency, event: GateEvent) => void;
}

/**
 * A failure that will pass is waited out: the retries of one call, then the gate, which pauses the
 * work of everybody who needs that service, up to the longest pause. Good items are never set aside
 * because an endpoint is down. A failure that will not pass is the caller's at once.
 */
export function createDependencyCalls(options: DependencyOptions): DependencyCalls {
  const { catalogue, clock, random, log, signal } = options;
  const retryable = retryableBy(catalogue);
  const gates = new Map<string, { readonly gate: DependencyGate; readonly about: Dependency }>();
  for (const about of options.dependencies) {
    const gate = createDependencyGate({
      dependency: about.name,
      clock,
      policy: { ...about.gate, maxPauseMs: options.maxPauseMs },
      events: (event) => options.onGate(about, event),
    });
    gates.set(about.name, { gate, about });
  }
  return {
    async call(name, operation) {
      const known = gates.get(name);
      if (known === undefined) throw new Error(`No dependency is declared as ${name}.`);
      for (;;) {
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
          leave.failed();
          log.fault(fault, { kind: 'exhausted', attempts: failures.length });
        }
      }
    },
  };
}
