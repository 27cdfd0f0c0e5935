import { fieldOf, fingerprint, type Finding } from '@lazaret/faults';
import type { Trx } from '../store/runs.ts';
import { splitByPrivacy } from './privacy.ts';
import type { RunContext } from './run-context.ts';

/** Findings about the source: they stand on the run, from before there was a batch. */
export async function stageRunFindings(
  trx: Trx,
  context: RunContext,
  findings: readonly Finding[],
): Promise<void> {
  if (findings.length === 0) return;
  const at = context.now();
  await trx
    .insertInto('lazaret.finding')
    .values(
      findings.map((finding) => {
        const { open, phi } = splitByPrivacy(context.catalogue, finding);
        return {
          id: crypto.randomUUID(),
          run: context.run.id,
          batch: null,
          attempt: null,
          item: null,
          stage: 'source',
          step: 'source',
          code: finding.code,
          code_id: finding.id,
          type: finding.type,
          parameters: JSON.stringify(open),
          sealed: phi === null ? null : context.key.sealJson(phi, 'finding'),
          place: JSON.stringify(finding.place),
          fingerprint: fingerprint({
            code: finding.code,
            step: 'source',
            field: fieldOf(finding.place),
          }),
          decision: null,
          at,
        };
      }),
    )
    .execute();
  for (const finding of findings)
    context.log.say('warn', 'Finding about the source.', { code: finding.id });
}
