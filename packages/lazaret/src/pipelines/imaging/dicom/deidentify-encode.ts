/** Encodes the few items that are made here, and not copied, in the encoding of the file. */
import type { NewElement, TransferSyntax } from './element.ts';
import { representationOf } from './value-representation.ts';

const ITEM = 0xfffee000;

/** The value of a sequence with these items, all of defined length. */
export function encodeSequence(
  items: readonly (readonly NewElement[])[],
  syntax: TransferSyntax,
): Uint8Array {
  return Buffer.concat(
    items.map((elements) => {
      const body = Buffer.concat(elements.map((element) => encodeElement(element, syntax)));
      const header = Buffer.alloc(8);
      writeTag(header, ITEM, syntax);
      writeNumber(header, 4, body.length, syntax);
      return Buffer.concat([header, body]);
    }),
  );
}

function encodeElement(element: NewElement, syntax: TransferSyntax): Buffer {
  const long = syntax.explicit && representationOf(element.vr)?.long === true;
  const header = Buffer.alloc(long ? 12 : 8);
  writeTag(header, element.tag, syntax);
  if (syntax.explicit) header.write(element.vr, 4, 'latin1');
  if (long) writeNumber(header, 8, element.value.length, syntax);
  else if (!syntax.explicit) writeNumber(header, 4, element.value.length, syntax);
  else if (syntax.littleEndian) header.writeUInt16LE(element.value.length, 6);
  else header.writeUInt16BE(element.value.length, 6);
  return Buffer.concat([header, element.value]);
}

function writeTag(into: Buffer, tag: number, syntax: TransferSyntax): void {
  if (syntax.littleEndian) {
    into.writeUInt16LE(tag >>> 16, 0);
    into.writeUInt16LE(tag & 0xffff, 2);
  } else {
    into.writeUInt32BE(tag, 0);
  }
}

function writeNumber(into: Buffer, at: number, value: number, syntax: TransferSyntax): void {
  if (syntax.littleEndian) into.writeUInt32LE(value, at);
  else into.writeUInt32BE(value, at);
}
