/**
 * Alerts: what a rule asks a person to look at. An alert has a *key*, which says what it is about
 * (rule, subject, module, visit, field), and a *state*, which says what it looked like when it was
 * judged (the rule's digest and the values that it read). Both are keyed hashes. A clearance holds
 * as long as both are the same, whatever file or row the record comes in.
 */
import type { ProjectKey } from '../../../identity/keys.ts';
import type { FormValue } from '../record.ts';
import type { VisitOf } from '../subject.ts';

/** Hexadecimal characters of a key that people are shown, and the fewest that they may type. */
const NAME_CHARACTERS = 10;
const LEAST_CHARACTERS = 6;

/** What a rule found, as far as alerts are concerned. */
export interface AlertedRule {
  readonly field: string;
  /** Name of the rule, with the index of its constraint where it is a list. */
  readonly rule: string;
  readonly digest: string;
  /** Never the clock: a rule about today would ask every day. */
  readonly reads: readonly {
    readonly visit: string;
    readonly field: string;
    readonly value: FormValue;
  }[];
}

export interface AlertIdentity {
  readonly key: string;
  readonly state: string;
}

export function identifyAlert(
  key: ProjectKey,
  about: VisitOf & { readonly module: string },
  { field, rule, digest, reads }: AlertedRule,
): AlertIdentity {
  const { subject, module, visit } = about;
  const values = reads.map((read) => [read.visit, read.field, read.value]);
  return {
    key: keyed(key, 'forms-alert', [rule, subject, module, visit, field]),
    state: keyed(key, 'forms-alert-state', [digest, values]),
  };
}

/** Names a visit where its subject must not be told. */
export function visitHash(key: ProjectKey, about: VisitOf & { readonly module: string }): string {
  return keyed(key, 'forms-visit', [about.subject, about.module, about.visit]);
}

function keyed(key: ProjectKey, domain: string, parts: unknown): string {
  return Buffer.from(key.keyedBytes(domain, JSON.stringify(parts))).toString('hex');
}

/** How people name an alert: `a_3f09c2b17e`, the beginning of its key. */
export function alertName(key: string): string {
  return `a_${key.slice(0, NAME_CHARACTERS)}`;
}

/** The beginning of a key that a name stands for; null where it is no name of an alert. */
export function keyBeginning(name: string): string | null {
  const beginning = /^a_([0-9a-f]{1,64})$/.exec(name)?.[1] ?? '';
  return beginning.length < LEAST_CHARACTERS ? null : beginning;
}

/** An alert as the store knows it, before the visit is evaluated again. */
export interface KnownAlert {
  readonly key: string;
  readonly visit: string;
  readonly standing: 'raised' | 'gone';
  readonly state: string;
  readonly ruleDigest: string;
  /** The latest decision about it; null where nobody has judged it. */
  readonly clearance: {
    readonly clear: boolean;
    readonly state: string;
    readonly ruleDigest: string;
    readonly decision: string;
    readonly reason: string;
    readonly by: string;
    readonly at: string;
  } | null;
}

/** Where an alert that a rule raises stands, given what people decided about it. */
export type AlertStanding =
  /** Nobody has judged it. */
  | 'new'
  /** It was judged, and nothing has changed since. */
  | 'cleared'
  /** It was judged, and somebody took that back. */
  | 'uncleared'
  /** It was judged with other values. */
  | 'raised-again'
  /** It was judged under another version of the rule. */
  | 'rule-changed';

export function standingOf(
  clearance: KnownAlert['clearance'],
  state: string,
  ruleDigest: string,
): AlertStanding {
  if (clearance === null) return 'new';
  if (!clearance.clear) return 'uncleared';
  if (clearance.ruleDigest !== ruleDigest) return 'rule-changed';
  return clearance.state === state ? 'cleared' : 'raised-again';
}
