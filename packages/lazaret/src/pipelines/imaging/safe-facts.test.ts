import { describe, expect, it } from 'vitest';
import { el } from '../../../../../fixtures/dicom/build.ts';
import { buildSample, walkBytes } from './dicom/deidentify-sample.ts';
import { safeFacts } from './safe-facts.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';

describe('the safe part of a header', () => {
  it('names class, encoding, size and maker in words of our own', () => {
    const walk = walkBytes(
      buildSample([
        el('00080070', 'LO', 'SIEMENS AG, room of Dr Doe'),
        el('00280008', 'IS', '12'),
        el('00280010', 'US', [512]),
        el('00280011', 'US', [256]),
      ]),
    );
    expect(safeFacts(walk, CT)).toMatchObject({
      sopClass: 'CT image',
      manufacturer: 'Siemens',
      rows: 512,
      columns: 256,
      frames: 12,
    });
    expect(JSON.stringify(safeFacts(walk, CT))).not.toContain('Doe');
  });

  it('repeats nothing that it does not know', () => {
    const walk = walkBytes(
      buildSample([
        el('00080070', 'LO', 'DOE^JANE'),
        el('00280008', 'IS', '19700101'),
        el('00280010', 'US', [0]),
      ]),
    );
    const facts = safeFacts(walk, '1.2.3.4');
    expect(facts).not.toHaveProperty('manufacturer');
    expect(facts).not.toHaveProperty('sopClass');
    expect(facts).not.toHaveProperty('frames');
    expect(facts).not.toHaveProperty('rows');
  });
});
