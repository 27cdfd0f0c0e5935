/**
 * Settling: what a step said of an item, joined with what people decided about it. This is the one
 * place where the two meet, for item steps, batch steps, replays and releases alike.
 */
import type { Disposition, Finding } from '@lazaret/faults';
import type { ItemResult } from './pipeline.ts';

/** Codes that a person let go for an item, each with the id of the decision. */
export type Released = Readonly<Record<string, string>>;

export interface StepFinding {
  readonly step: string;
  readonly finding: Finding;
  /** The decision that let the item go on in spite of it. */
  readonly decision: string | null;
}

/** How an item stands behind a step. */
export type Standing =
  | { readonly kind: 'on'; readonly value: unknown }
  | {
      readonly kind: 'stopped';
      readonly disposition: Exclude<Disposition, 'delivered'>;
      readonly code: string;
      readonly step: string;
      readonly sameAs: number | null;
      /** The item as the step knew it: its digest and its facts are taken from it. */
      readonly value: unknown;
    };

export interface Settled {
  readonly standing: Standing;
  readonly findings: readonly StepFinding[];
}

/**
 * Joins what a step said of a value with the decisions. An item goes on in spite of findings only if each of
 * them was let go by a person and the step said with what it goes on.
 */
export function settle(
  step: string,
  value: unknown,
  result: ItemResult<unknown>,
  released: Released,
): Settled {
  const findings = result.findings.map((finding) => ({
    step,
    finding,
    decision: released[finding.code] ?? null,
  }));
  if (result.kind === 'pass') return { standing: { kind: 'on', value: result.value }, findings };
  const open = findings.find(({ decision }) => decision === null);
  if (open === undefined && findings.length > 0 && 'onward' in result) {
    return { standing: { kind: 'on', value: result.onward }, findings };
  }
  const deciding = open ?? findings[0];
  if (deciding === undefined) {
    throw new Error(`Step ${step} stopped an item without a finding.`);
  }
  return {
    standing: {
      kind: 'stopped',
      disposition: result.disposition,
      code: deciding.finding.code,
      step,
      sameAs: result.sameAs ?? null,
      value: result.onward ?? value,
    },
    findings,
  };
}
