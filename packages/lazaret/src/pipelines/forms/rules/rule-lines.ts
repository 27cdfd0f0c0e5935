/** Where in the text of a rule file a JSON pointer leads: what an author has before them is lines. */
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

/** Both from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/**
 * Finds the places of a text that `readRules` takes. A pointer to something that is not written
 * there (a rule that is missing, say) leads to the nearest thing around it; null where the text
 * holds nothing at all.
 */
export function placesIn(text: string): (pointer: string) => TextPlace | null {
  const lineCounter = new LineCounter();
  const document = parseDocument(text.replace(/^\uFEFF/, ''), {
    ...{ lineCounter, prettyErrors: false, stringKeys: true },
    ...{ version: '1.2', schema: 'core', merge: false },
  });
  return (pointer) => {
    let node: unknown = document.contents;
    let offset = offsetOf(node);
    for (const step of pointer.split('/').slice(1).map(unescapeStep)) {
      if (isAlias(node)) node = node.resolve(document);
      if (isMap(node)) {
        const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
        if (pair === undefined) break;
        offset = offsetOf(pair.key) ?? offset;
        node = pair.value;
      } else if (isSeq(node)) {
        node = node.items[Number(step)];
        if (node === undefined) break;
        offset = offsetOf(node) ?? offset;
      } else break;
    }
    if (offset === null) return null;
    const { line, col } = lineCounter.linePos(offset);
    return { line, column: col };
  };
}

function offsetOf(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}

/** RFC 6901, section 4. */
function unescapeStep(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}
