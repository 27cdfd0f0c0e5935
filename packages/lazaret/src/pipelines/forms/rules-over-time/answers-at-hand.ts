/** What rules look up outside, as far as it is known already: no service is asked here. */
import { canonicalAddress } from '../../../web-service/address.ts';
import type { Db } from '../../../store/open.ts';
import type { CheckAnswers } from '../checker.ts';
import { AnswerCache } from '../drugs/answer-cache.ts';
import { drugCode } from '../drugs/drug-answer.ts';
import { fetchTable } from '../identifiers/table.ts';
import { Answers } from '../lookups/answers.ts';
import { CivilDate } from '../rules/python/civil-date.ts';
import type { FormsTools } from '../tools.ts';

export interface AnswersAtHand {
  readonly forRules: CheckAnswers;
  /** Codes of drugs that nobody has asked about; a rule about one says that it cannot be evaluated. */
  readonly unknownDrugs: ReadonlySet<string>;
}

/** Remembered codes of drugs that are taken along. */
const MAX_DRUGS = 100_000;

/**
 * @param today what counts as today; of a date the day in UTC
 * @throws IdentifierTableMissing
 */
export async function answersAtHand(
  db: Db,
  project: string,
  tools: FormsTools,
  today: Date,
): Promise<AnswersAtHand> {
  const { identifiers, drugs } = tools.configuration.lookUps;
  const answers = new Answers(
    {
      identifiers:
        identifiers?.mode === 'embedded'
          ? { kind: 'table', ...(await fetchTable(db, project, [])) }
          : null,
      drugs:
        drugs === undefined
          ? []
          : await new AnswerCache(
              db,
              canonicalAddress(drugs.url),
              { days: drugs.cacheDays, codes: drugs.cacheCodes },
              () => today,
            ).newest(MAX_DRUGS),
    },
    tools,
  );
  const unknownDrugs = new Set<string>();
  const { isValidAdcid, isValidRxcui } = answers.forRules;
  return {
    unknownDrugs,
    forRules: {
      today: new CivilDate(today.getUTCFullYear(), today.getUTCMonth() + 1, today.getUTCDate()),
      isValidAdcid,
      isValidRxcui(rxcui, on) {
        const code = drugCode(rxcui);
        if (code !== null && !answers.knowsDrug(code)) unknownDrugs.add(code);
        return isValidRxcui(rxcui, on);
      },
    },
  };
}
