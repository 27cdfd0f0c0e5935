/** The text of a cell as a value of the type that its column has. */

export type CellType = 'string' | 'integer' | 'number' | 'boolean';

/** A plain decimal, a fraction or an exponent; neither `nan` nor `inf` nor hexadecimal. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * What is no value of the type comes back as the text that it is, so that the schema says what is
 * wrong with it. `2.0` is an integer; `FALSE` is false; a number beyond 2^53 stays text, because it
 * would come out as another one.
 */
export function castCell(cell: string, type: CellType): string | number | boolean {
  switch (type) {
    case 'string':
      return cell;
    case 'boolean': {
      const lower = cell.toLowerCase();
      if (lower === 'true') return true;
      return lower === 'false' ? false : cell;
    }
    case 'integer':
    case 'number': {
      if (!NUMBER.test(cell)) return cell;
      const value = Number(cell);
      if (!Number.isFinite(value)) return cell;
      return Number.isInteger(value) && !Number.isSafeInteger(value) ? cell : value;
    }
    default:
      return type satisfies never;
  }
}
