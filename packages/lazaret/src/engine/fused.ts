/** Fused item steps: one item passes through all of them in one go. Runs on worker threads. */
import type { BatchFacts, ItemStep, ThreadBound } from './pipeline.ts';
import { settle, type Released, type Standing, type StepFinding } from './settle.ts';

export interface FusedItem {
  readonly item: number;
  readonly value: unknown;
  readonly released: Released;
}

export interface FusedOutcome {
  readonly item: number;
  readonly standing: Standing;
  readonly findings: readonly StepFinding[];
}

/**
 * Takes one item through the steps, until one stops it. A fault or a bug of a step escapes.
 * @param isRehearsal ends before the first step that a rehearsal does not go through
 */
export async function runFused(
  steps: readonly ItemStep<never, unknown, unknown>[],
  item: FusedItem,
  batch: BatchFacts,
  tools: unknown,
  isRehearsal = false,
): Promise<FusedOutcome> {
  const findings: StepFinding[] = [];
  let value = item.value;
  for (const step of steps) {
    if (isRehearsal && step.endRehearsal !== undefined) {
      step.endRehearsal(value as never);
      return { item: item.item, standing: { kind: 'on', value: travelling(value) }, findings };
    }
    const result = await step.apply(value as never, { item: item.item, batch, tools });
    const settled = settle(step.name, value, result, item.released);
    findings.push(...settled.findings);
    if (settled.standing.kind === 'stopped') {
      const standing = { ...settled.standing, value: travelling(settled.standing.value) };
      return { item: item.item, standing, findings };
    }
    value = settled.standing.value;
  }
  return { item: item.item, standing: { kind: 'on', value }, findings };
}

/** What of a value may leave the thread. */
function travelling(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'travelsAs' in value
    ? (value as ThreadBound<unknown>).travelsAs
    : value;
}
