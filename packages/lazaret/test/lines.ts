/** Lines for the lines pipeline: so many, over so many keys, with some trouble written in. */
export function plainLines(count: number, keys = 4): string[] {
  return Array.from({ length: count }, (_, index) => `k${index % keys}|id${index}|text ${index}`);
}

/** Some of everything that is not a failure: rejected, held, skipped, odd and repeated lines. */
export function mixedLines(count: number, keys = 4): string[] {
  return plainLines(count, keys).map((line, index) => {
    const [key = '', id = ''] = line.split('|');
    switch (index % 11) {
      case 3:
        return 'no parts at all';
      case 5:
        return `${key}|${id}|look at me`;
      case 7:
        return `${key}|${id}|unwanted`;
      case 8:
        return `${key}|${id}|odd one`;
      case 9:
        return `k0|same|repeated`;
      default:
        return line;
    }
  });
}
