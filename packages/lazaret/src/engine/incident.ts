import { randomUUID } from 'node:crypto';

/** The number of an incident: what a person reads out, and what the log is searched for. */
export function newIncident(): string {
  return `i_${randomUUID().slice(0, 8)}`;
}
