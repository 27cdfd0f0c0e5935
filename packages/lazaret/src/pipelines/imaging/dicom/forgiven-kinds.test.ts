import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { build, el, encode, type BuildElement } from '../../../../../../fixtures/dicom/build.ts';
import { bufferSource } from '../../../bytes/byte-source.ts';
import type { Walk } from './element.ts';
import { FORGIVEN_KINDS, type ForgivenKind } from './forgiven-kinds.ts';
import { keepAll, rewrite } from './rewrite.ts';
import { isUnreadable, walk } from './walk.ts';

const NAME = el('00100010', 'PN', 'Doe^Jane');
const HEAD = [el('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.2'), el('00080018', 'UI', '1.2.3')];
const PIXELS = el('7FE00010', 'OW', Buffer.alloc(64, 5));
const IMAGE: readonly BuildElement[] = [...HEAD, NAME, PIXELS];
const DEFLATED = { syntaxUid: '1.2.840.10008.1.2.1.99' };

/** The bytes of the file with some of them changed, at `shift` from where `marker` stands. */
function patched(file: Buffer, marker: Buffer, shift: number, bytes: readonly number[]): Buffer {
  const at = file.indexOf(marker);
  if (at === -1) throw new Error('the marker is not in the file');
  Buffer.from(bytes).copy(file, at + shift);
  return file;
}

const header = (tag: string, vr: string): Buffer => encode([el(tag, vr, '')]).subarray(0, 6);
const raw = (...bytes: number[]): Buffer => Buffer.from(bytes);
/** A long header around bytes of the caller's own making. */
const sequenceOf = (body: Buffer, undefinedLength = false): BuildElement =>
  el('00081140', 'SQ', body, { undefinedLength });
const item = (body: Buffer, length = body.length): Buffer => {
  const head = raw(0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0);
  head.writeUInt32LE(length, 4);
  return Buffer.concat([head, body]);
};
const ITEM_END = raw(0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0);
const INSTANCE = encode([el('00081155', 'UI', '1.2.3.4')]);
const withMeta = (meta: Buffer): Buffer =>
  Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), meta, encode(IMAGE)]);
const META = encode([el('00020010', 'UI', '1.2.840.10008.1.2.1')]);
const META_LENGTH = encode([el('00020000', 'UL', META.length)]);

/** The smallest file that makes the walker forgive each kind, and nothing else. */
const PROVOKED: Record<ForgivenKind, () => Buffer> = {
  'no-preamble': () => build(IMAGE, { preamble: false }),
  'no-meta': () => build(IMAGE, { meta: false }),
  'meta-length-missing': () => withMeta(META),
  'meta-length-wrong': () => withMeta(Buffer.concat([encode([el('00020000', 'UL', 8)]), META])),
  'meta-wrong-encoding': () =>
    withMeta(
      encode(
        [el('00020000', 'UL', 28), el('00020010', 'UI', '1.2.840.10008.1.2.1')],
        'implicit-le',
      ),
    ),
  'syntax-missing': () => withMeta(encode([el('00020000', 'UL', 12), el('00020012', 'UI', '1.2')])),
  'syntax-unknown': () => build(IMAGE, { syntaxUid: '1.3.6.1.4.1.99' }),
  'syntax-contradicted': () => build(IMAGE, { syntaxUid: '1.2.840.10008.1.2' }),
  'deflate-truncated': () =>
    build([], {
      ...DEFLATED,
      // Without its final block.
      trailing: deflateRawSync(encode(IMAGE), { finishFlush: constants.Z_SYNC_FLUSH }),
    }),
  'unknown-vr': () => patched(build(IMAGE), header('00100010', 'PN'), 4, [0x5a, 0x5a]),
  'vr-mismatch': () => patched(build(IMAGE), header('00100010', 'PN'), 4, [0x4c, 0x4f]),
  'wrong-length-form': () =>
    patched(
      build([...HEAD, el('00090010', 'LO', 'ACME'), el('00091001', 'SH', 'abcd'), NAME, PIXELS]),
      header('00091001', 'SH'),
      4,
      [0x4f, 0x42],
    ),
  'implicit-in-explicit': () =>
    build(HEAD, { trailing: Buffer.concat([encode([NAME], 'implicit-le'), encode([PIXELS])]) }),
  'explicit-in-implicit': () =>
    build(HEAD, {
      syntax: 'implicit-le',
      trailing: Buffer.concat([encode([NAME]), encode([PIXELS], 'implicit-le')]),
    }),
  'reserved-not-zero': () => patched(build(IMAGE), header('7FE00010', 'OW'), 6, [1, 0]),
  'odd-length': () =>
    build(HEAD, {
      trailing: Buffer.concat([
        header('00100010', 'PN'),
        raw(3, 0),
        Buffer.from('Doe'),
        encode([PIXELS]),
      ]),
    }),
  'length-overrun': () =>
    build([...HEAD, sequenceOf(item(INSTANCE, INSTANCE.length + 40)), NAME, PIXELS]),
  'file-cut': () => build([...HEAD, el('00100010', 'PN', 'Doe^Jane', { length: 80 })]),
  'length-not-multiple': () => build([...HEAD, el('00189087', 'FD', raw(1, 2, 3, 4)), PIXELS]),
  'too-many-values': () => build([...HEAD, el('00280010', 'US', [1, 2, 3]), PIXELS]),
  'control-characters': () => build([...HEAD, el('00100010', 'PN', 'Doe\u0001 '), PIXELS]),
  'swallowed-elements': () =>
    build([
      ...HEAD,
      el('00090010', 'LO', 'ACME'),
      el('00091002', 'OB', raw(1, 2), { length: 2 + encode([NAME]).length }),
      NAME,
      PIXELS,
    ]),
  'undefined-length-not-allowed': () =>
    build([
      ...HEAD,
      el('00090010', 'LO', 'ACME'),
      el('00091003', 'UT', item(INSTANCE), { undefinedLength: true }),
      PIXELS,
    ]),
  'group-length-wrong': () => build([el('00080000', 'UL', 4), ...IMAGE]),
  'delimiter-length': () =>
    build([
      ...HEAD,
      sequenceOf(
        Buffer.concat([item(INSTANCE, 0xffffffff), ITEM_END.subarray(0, 4), raw(4, 0, 0, 0)]),
      ),
      PIXELS,
    ]),
  'missing-delimiter': () =>
    build([...HEAD, sequenceOf(item(INSTANCE, 0xffffffff), true), NAME, PIXELS]),
  'stray-delimiter': () =>
    build([...HEAD, sequenceOf(Buffer.concat([item(INSTANCE), ITEM_END])), NAME, PIXELS]),
  'stray-bytes-in-sequence': () =>
    build([...HEAD, sequenceOf(Buffer.concat([item(INSTANCE), raw(0, 0)])), NAME, PIXELS]),
  'opaque-sequence': () => build([...HEAD, el('00081140', 'UN', 'no items here'), NAME, PIXELS]),
  'out-of-order': () => build([...HEAD, el('00100020', 'LO', 'MRN'), NAME, PIXELS]),
  'duplicate-tag': () => build([...HEAD, NAME, NAME, PIXELS]),
  'meta-in-data-set': () => build([...HEAD, el('00020012', 'UI', '1.2'), NAME, PIXELS]),
  'command-in-data-set': () => build([el('00000002', 'UI', '1.2'), ...IMAGE]),
  'group-fffe': () => build([...IMAGE, el('FFFEE0FF', 'UN', 'ab')]),
  'truncated-pixels': () => build(IMAGE).subarray(0, -6),
  'encapsulation-contradicted': () => build(IMAGE, { syntax: 'encapsulated' }),
  'trailing-padding': () => build(IMAGE, { trailing: Buffer.alloc(512) }),
  'trailing-bytes': () => build(IMAGE, { trailing: Buffer.from('and something else') }),
};

/** Kinds that cannot come alone, with what they bring. */
const TOGETHER: Partial<Record<ForgivenKind, readonly ForgivenKind[]>> = {
  'no-meta': ['no-meta', 'syntax-missing'],
  'meta-in-data-set': ['meta-in-data-set', 'out-of-order'],
};

function read(file: Buffer): Walk {
  const result = walk(bufferSource(file));
  if (isUnreadable(result)) throw new Error(`unreadable: ${JSON.stringify(result)}`);
  return result;
}

describe('what the walker forgives', () => {
  for (const kind of Object.keys(FORGIVEN_KINDS) as ForgivenKind[]) {
    it(`is reported as ${kind}, and nothing with it`, () => {
      const kinds = read(PROVOKED[kind]()).forgiven.map((forgiven) => forgiven.kind);
      expect([...new Set(kinds)].sort()).toEqual(TOGETHER[kind] ?? [kind]);
    });
  }

  it('is gone from the file once that is written anew, unless it lies in the values', () => {
    const inValues = [
      'control-characters',
      'swallowed-elements',
      'too-many-values',
      'length-not-multiple',
      'vr-mismatch',
      'opaque-sequence',
      'duplicate-tag',
      'encapsulation-contradicted',
    ];
    for (const kind of Object.keys(FORGIVEN_KINDS) as ForgivenKind[]) {
      const written = rewrite(read(PROVOKED[kind]()), keepAll, { meta: [] });
      const again = read(Buffer.from(written.read(0, written.size)));
      const left = again.forgiven.map((forgiven) => forgiven.kind);
      expect(left, kind).toEqual(inValues.includes(kind) ? [kind] : []);
    }
  });
});

describe('a sound file', () => {
  it('needs no forgiveness in any encoding', () => {
    for (const syntax of ['implicit-le', 'explicit-le', 'explicit-be'] as const) {
      expect(read(build(IMAGE, { syntax })).forgiven).toEqual([]);
    }
    expect(read(withMeta(Buffer.concat([META_LENGTH, META]))).forgiven).toEqual([]);
  });
});
