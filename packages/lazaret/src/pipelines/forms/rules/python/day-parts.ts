import { daysInMonth } from './civil-date.ts';
import { integerOf } from './number-text.ts';

/** Thrown inside the reading of one text that is no date; never leaves `date-text.ts`. */
export class NotADate extends Error {
  override readonly name = 'NotADate';
}

export type Part = 'year' | 'month' | 'day';

/** The year, month and day of a date, as far as the text gave them. */
export type DayReading = Readonly<Record<Part, number | null>>;

/**
 * The up to three numbers of a day, in the order in which they were written, some of them known
 * by what they are: a month's name, or a number that can only be a year.
 */
export class DayParts {
  readonly #numbers: number[] = [];
  readonly #places = new Map<Part, number>();
  /** Whether a year was written in full, so that 0024 stays 24. */
  centurySpecified = false;

  get length(): number {
    return this.#numbers.length;
  }

  /** Adds a number that was written as text; three digits or more make it a year. */
  addText(text: string, part: Part | null = null): void {
    const isYear = text.length > 2 && /^\p{Nd}+$/u.test(text);
    const number = integerOf(text);
    if (number === null) throw new NotADate();
    this.#add(number, part, isYear);
  }

  /** Adds a number by its value; above 100 it is a year. */
  addNumber(value: number, part: Part | null = null): void {
    this.#add(Math.trunc(value), part, value > 100);
  }

  #add(number: number, part: Part | null, isYear: boolean): void {
    if (isYear) {
      this.centurySpecified = true;
      if (part !== null && part !== 'year') throw new NotADate();
    }
    this.#numbers.push(number);
    const known = isYear ? 'year' : part;
    if (known === null) return;
    if (this.#places.has(known)) throw new NotADate();
    this.#places.set(known, this.#numbers.length - 1);
  }

  /** Whether a number that stands alone can be taken for the day. */
  couldBeDay(value: number): boolean {
    if (this.#places.has('day')) return false;
    const month = this.#known('month');
    if (month === null) return value >= 1 && value <= 31;
    // Without a year the month is given its longest.
    const days = daysInMonth(this.#known('year') ?? 2000, month);
    if (days === 0) throw new NotADate();
    return value >= 1 && value <= days;
  }

  #known(part: Part): number | null {
    const place = this.#places.get(part);
    return place === undefined ? null : (this.#numbers[place] ?? null);
  }

  /** Says which number is what. Month first, unless the numbers or `yearFirst` speak against it. */
  resolve(yearFirst: boolean): DayReading {
    const count = this.#numbers.length;
    const known = this.#places.size;
    if ((known > 0 && known === count) || (count === 3 && known === 2)) return this.#resolveKnown();
    if (count > 3) throw new NotADate();
    const [first = 0, second = 0, third = 0] = this.#numbers;
    const monthPlace = this.#places.get('month') ?? null;
    if (count === 1) return first > 31 ? reading({ year: first }) : reading({ day: first });
    if (count === 2) {
      if (monthPlace !== null) {
        const [month, other] = monthPlace === 0 ? [first, second] : [second, first];
        return other > 31 ? reading({ month, year: other }) : reading({ month, day: other });
      }
      if (first > 31) return reading({ year: first, month: second });
      if (second > 31) return reading({ month: first, year: second });
      return reading({ month: first, day: second });
    }
    if (count < 3) return reading({});
    return reading(this.#resolveThree(first, second, third, monthPlace, yearFirst));
  }

  #resolveThree(
    first: number,
    second: number,
    third: number,
    monthPlace: number | null,
    yearFirst: boolean,
  ): Partial<DayReading> {
    if (monthPlace === 0)
      return second > 31
        ? { month: first, year: second, day: third }
        : { month: first, day: second, year: third };
    if (monthPlace === 1)
      return first > 31 || (yearFirst && third <= 31)
        ? { year: first, month: second, day: third }
        : { day: first, month: second, year: third };
    if (monthPlace === 2)
      return second > 31
        ? { day: first, year: second, month: third }
        : { year: first, day: second, month: third };
    const yearLeads =
      first > 31 || this.#places.get('year') === 0 || (yearFirst && second <= 12 && third <= 31);
    if (yearLeads) return { year: first, month: second, day: third };
    return first > 12
      ? { day: first, month: second, year: third }
      : { month: first, day: second, year: third };
  }

  #resolveKnown(): DayReading {
    const places = new Map(this.#places);
    if (places.size < this.#numbers.length) {
      const free = [0, 1, 2].find((place) => ![...places.values()].includes(place)) ?? 0;
      const unnamed = (['year', 'month', 'day'] as const).find((part) => !places.has(part));
      places.set(unnamed ?? 'day', free);
    }
    const at = (part: Part): number | null => this.#numbers[places.get(part) ?? -1] ?? null;
    return { year: at('year'), month: at('month'), day: at('day') };
  }
}

function reading(parts: Partial<DayReading>): DayReading {
  return { year: parts.year ?? null, month: parts.month ?? null, day: parts.day ?? null };
}
