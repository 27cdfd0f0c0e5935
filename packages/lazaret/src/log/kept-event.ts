import type { LogEvent } from '@lazaret/faults';

/** Whether a stored document is a log event: it has what every event has. */
export function isLogEvent(value: unknown): value is LogEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'time' in value &&
    'level' in value &&
    'logger' in value &&
    'message' in value
  );
}
