/** Answers about drugs that are remembered, for every project: they are about no person. */
import { sql } from 'kysely';
import type { Db } from '../../../store/open.ts';
import type { DrugAnswer } from './drug-answer.ts';

const CODES_AT_ONCE = 5_000;
const DAY_MS = 86_400_000;

interface Row {
  readonly code: string;
  readonly status: DrugAnswer['status'];
  readonly active_from: string | null;
  readonly active_to: string | null;
}

export interface CacheLimits {
  readonly days: number;
  readonly codes: number;
}

/** The answers of one service, by its address. */
export class AnswerCache {
  readonly #db: Db;
  readonly #service: string;
  readonly #limits: CacheLimits;
  readonly #now: () => Date;

  constructor(db: Db, service: string, limits: CacheLimits, now: () => Date) {
    this.#db = db;
    this.#service = service;
    this.#limits = limits;
    this.#now = now;
  }

  /** What is remembered of some codes, and not too old. */
  async find(codes: readonly string[]): Promise<DrugAnswer[]> {
    const oldest = new Date(this.#now().getTime() - this.#limits.days * DAY_MS);
    const found: DrugAnswer[] = [];
    for (let from = 0; from < codes.length; from += CODES_AT_ONCE) {
      const some = codes.slice(from, from + CODES_AT_ONCE);
      const { rows } = await sql<Row>`
        select code, status, active_from, active_to from lazaret_forms.drug_answer
        where service = ${this.#service} and code = any(${some}::text[])
          and asked_at >= ${oldest}`.execute(this.#db);
      found.push(...rows.map(answerOf));
    }
    return found;
  }

  /**
   * The newest answers, however old: for earlier visits that are judged again, whose codes nobody
   * has listed. They were asked about when those visits came.
   */
  async newest(limit: number): Promise<DrugAnswer[]> {
    const { rows } = await sql<Row>`
      select code, status, active_from, active_to from lazaret_forms.drug_answer
      where service = ${this.#service} order by asked_at desc limit ${limit}`.execute(this.#db);
    return rows.map(answerOf);
  }

  /** Remembers answers, and forgets the oldest where there are too many. */
  async keep(answers: readonly DrugAnswer[]): Promise<void> {
    if (answers.length === 0) return;
    const at = this.#now();
    const rows = answers.map(
      ({ code, status, activeFrom, activeTo }) =>
        sql`(${this.#service}, ${code}, ${status}, ${activeFrom}, ${activeTo}, ${at}::timestamptz)`,
    );
    await sql`insert into lazaret_forms.drug_answer
        (service, code, status, active_from, active_to, asked_at)
      values ${sql.join(rows)}
      on conflict (service, code) do update set status = excluded.status,
        active_from = excluded.active_from, active_to = excluded.active_to,
        asked_at = excluded.asked_at`.execute(this.#db);
    await sql`delete from lazaret_forms.drug_answer
      where service = ${this.#service} and (code, asked_at) in (
        select code, asked_at from lazaret_forms.drug_answer where service = ${this.#service}
        order by asked_at desc, code offset ${this.#limits.codes})`.execute(this.#db);
  }
}

function answerOf({ code, status, active_from, active_to }: Row): DrugAnswer {
  return { code, status, activeFrom: active_from, activeTo: active_to };
}
