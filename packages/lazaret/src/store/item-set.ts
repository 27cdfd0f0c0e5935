/**
 * Sets of item numbers, as PostgreSQL writes them: an int8multirange such as `{[1,5),[7,9)}`.
 * Items that went through together cost one range, however many they are.
 */

/** Writes item numbers as an int8multirange literal. The order does not matter; repeats collapse. */
export function toMultirange(numbers: Iterable<number>): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const ranges: string[] = [];
  let start: number | undefined;
  let last = 0;
  for (const number of sorted) {
    if (start === undefined) start = number;
    else if (number > last + 1) {
      ranges.push(`[${start},${last + 1})`);
      start = number;
    }
    last = number;
  }
  if (start !== undefined) ranges.push(`[${start},${last + 1})`);
  return `{${ranges.join(',')}}`;
}

/** The numbers in an int8multirange as PostgreSQL prints it, in ascending order. */
export function fromMultirange(text: string): number[] {
  const numbers: number[] = [];
  for (const [, from, to] of text.matchAll(/\[(-?\d+),(-?\d+)\)/g)) {
    for (let number = Number(from); number < Number(to); number += 1) numbers.push(number);
  }
  return numbers;
}
