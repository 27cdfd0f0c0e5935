/** Patterns of file names: `*` stands for any characters, `?` for one; case does not matter. */

/** Walks both texts once and goes back to the last `*` alone, so that no pattern takes long. */
export function fitsPattern(name: string, pattern: string): boolean {
  const text = name.toLowerCase();
  const wanted = pattern.toLowerCase();
  let at = 0;
  let to = 0;
  /** Behind the last star, and how much of the name that has taken. */
  let star = -1;
  let taken = 0;
  while (at < text.length) {
    const sign = wanted[to];
    if (sign === '*') {
      to += 1;
      [star, taken] = [to, at];
    } else if (sign === '?' || (sign !== undefined && sign === text[at])) {
      at += 1;
      to += 1;
    } else if (star >= 0) {
      taken += 1;
      [at, to] = [taken, star];
    } else {
      return false;
    }
  }
  return wanted.slice(to).replaceAll('*', '') === '';
}
