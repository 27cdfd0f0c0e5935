import { constants, inflateRawSync } from 'node:zlib';
import { bufferSource, compositeSource } from '../../../bytes/byte-source.ts';
import type { ByteSource } from '../../../bytes/byte-source.ts';
import type { Unreadable } from './element.ts';
import type { WalkState } from './walk-state.ts';

/**
 * The source of a deflated file with its data set inflated (PS3.5 annex A.5: a raw deflate stream).
 * Preamble and meta group stay in front of it, so that offsets into them hold. Null where the bytes
 * are no deflate stream.
 */
export function inflateDataSet(state: WalkState, start: number): ByteSource | Unreadable | null {
  const { source, limits } = state;
  const tooLarge: Unreadable = { unreadable: 'limit', limit: 'inflatedBytes', offset: start };
  if (source.size - start > limits.inflatedBytes) return tooLarge;
  const deflated = source.read(start, source.size - start);
  const maxOutputLength = limits.inflatedBytes;
  let inflated: Uint8Array;
  try {
    inflated = inflateRawSync(deflated, { maxOutputLength });
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') return tooLarge;
    if (codeOf(error) !== 'Z_BUF_ERROR') return null;
    // The stream breaks off. What came before is right, and the walk shows where it ends.
    inflated = inflateRawSync(deflated, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH });
    if (inflated.length === 0) return null;
    state.forgive('deflate-truncated', source.size);
  }
  return compositeSource([
    { source, offset: 0, length: start },
    { source: bufferSource(inflated), offset: 0, length: inflated.length },
  ]);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
