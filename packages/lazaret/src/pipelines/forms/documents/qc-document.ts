/**
 * The QC document of a file, to the letter of those who read it: `info.qc.<check>` with `job_info`
 * and `validation: {state, data, cleared}`. It is written as it is read from the store, a line an
 * error, because there may be a million of them.
 *
 * Members that viewers do not know are in `job_info` alone. In `cleared` every alert of `data` has
 * an object, in the same order, so that the two can be brought together: the error objects have no
 * room for a hash. `qc-document.schema.json` describes it.
 */
import { escapeJson, renderQcError, type Place, type QcError } from '@lazaret/faults';
import { CHECKS } from '../study.ts';
import type { CheckResult } from './check-result.ts';
import type { RunFile } from './filed-run.ts';
import { isSpecial, mistakesOf, type Mistake, type MistakeSource } from './mistake.ts';

export interface ClearObject {
  readonly 'alert-hash': string;
  readonly clear: boolean;
  readonly provenance: readonly {
    /** An e-mail address. */
    readonly user: string;
    readonly 'clear-set-to': boolean;
    readonly timestamp: string;
  }[];
}

/** The document as text, piece by piece. @param results of the checks that the run makes. */
export async function* writeQcDocument(
  source: MistakeSource,
  file: RunFile,
  results: readonly CheckResult[],
): AsyncGenerator<string> {
  yield '{"info":{"qc":{';
  for (const [index, result] of results.entries()) {
    yield `${index === 0 ? '' : ','}\n${JSON.stringify(result.check)}:{`;
    yield `"job_info":${JSON.stringify(jobInfo(source, file, result))},\n`;
    yield `"validation":{"state":"${result.state}","data":[`;
    const cleared: string[] = [];
    let separator = '\n';
    const mistakes = result.shown === 0 ? [] : mistakesOf(source, file, result.check);
    for await (const mistake of mistakes) {
      yield `${separator}${escapeJson(qcError(source, file, result, mistake))}`;
      if (mistake.alert !== null) cleared.push(escapeJson(clearObject(mistake.alert)));
      separator = ',\n';
    }
    yield `],\n"cleared":[${cleared.map((one) => `\n${one}`).join(',')}]}}`;
  }
  yield '}}}\n';
}

/** What there is to say of the check itself; counts are exact even where errors are only sampled. */
function jobInfo(
  { run }: MistakeSource,
  file: RunFile,
  result: CheckResult,
): Readonly<Record<string, string | number | boolean>> {
  const { errors, alerts, openAlerts, shown, notChecked } = result;
  return {
    job_id: run.short,
    recipe: run.recipe,
    started: run.startedAt.toISOString(),
    file: file.number,
    records: file.items,
    errors,
    alerts,
    open_alerts: openAlerts,
    not_checked: notChecked,
    shown,
    sampled: shown < errors + alerts,
  };
}

function qcError(
  { run }: MistakeSource,
  file: RunFile,
  { check }: CheckResult,
  mistake: Mistake,
): QcError {
  const { entry, parameters, code, value, expected, message, about, at } = mistake;
  const special = isSpecial(mistake);
  const error = renderQcError(entry, parameters, special ? {} : locationOf(mistake), {
    path: [run.project, run.site, run.short, file.name].join('/'),
    containerId: `${run.short}/file-${file.number}`,
    value: special ? '' : (value ?? ''),
    expected: special ? '' : expected,
    at: at.getTime(),
    ...(check === CHECKS[2]
      ? { ptid: about.participant, visitNumber: about.visit, initial: about.initials }
      : {}),
  });
  if (error === null) throw new Error('A warning is no part of a QC document.');
  return { ...error, code, message };
}

/** A line and a column in CSV, a pointer to the value in JSON; never both. */
function locationOf({ place, column }: Mistake): Place {
  const { pointer, line } = place;
  if (pointer !== undefined) return { pointer };
  return line === undefined ? {} : { line, column };
}

function clearObject({ key, cleared, provenance }: NonNullable<Mistake['alert']>): ClearObject {
  return {
    'alert-hash': key,
    clear: cleared,
    provenance: provenance.map(({ by, clear, at }) => ({
      user: emailOf(by),
      'clear-set-to': clear,
      timestamp: at.toISOString(),
    })),
  };
}

/**
 * The seed wants an e-mail address. Who decided without giving one gets an address that is valid
 * and leads nowhere (RFC 2606, section 2).
 */
function emailOf(user: string): string {
  if (/^[^\s@]+@[^\s@]+$/.test(user)) return user;
  return `${encodeURIComponent(user).replace(/[^\w.%+-]/g, '_')}@lazaret.invalid`;
}
