/** Every command that is carried out where the store is, by the name it has on the socket. */
import { alertsDecide } from './alert-decisions.ts';
import { alertsList, alertsShow } from './alerts.ts';
import type { Execute } from './command.ts';
import { documents } from './documents.ts';
import { heldDecide } from './held-decisions.ts';
import { heldList, heldShow } from './held.ts';
import { identityExport, identityImport, identityKey } from './identity.ts';
import { identifiersLoad } from './identifiers.ts';
import { logs } from './logs.ts';
import { policyTry } from './policy-try.ts';
import { erase, retentionApply } from './retention.ts';
import { rulesReport } from './rules-report.ts';
import { rulesTry } from './rules-try.ts';
import { rulesWhy } from './rules-why.ts';
import { resume, run } from './run.ts';
import { batches, findings, status, stop } from './status.ts';
import { watch } from './watch.ts';

export const COMMANDS = {
  run,
  watch,
  resume,
  status,
  stop,
  batches,
  findings,
  documents,
  'held list': heldList,
  'held show': heldShow,
  'held decide': heldDecide,
  'alerts list': alertsList,
  'alerts show': alertsShow,
  'alerts decide': alertsDecide,
  'identity key': identityKey,
  'identity export': identityExport,
  'identity import': identityImport,
  'identifiers load': identifiersLoad,
  'retention apply': retentionApply,
  erase,
  logs,
  'policy try': policyTry,
  'rules report': rulesReport,
  'rules try': rulesTry,
  'rules why': rulesWhy,
} as const;

export type CommandName = keyof typeof COMMANDS;

export type InputOf<Name extends CommandName> = Parameters<(typeof COMMANDS)[Name]>[1];

export const commandMap: ReadonlyMap<string, Execute<never>> = new Map<string, Execute<never>>(
  Object.entries(COMMANDS),
);
