import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedFolder } from '../../../../../../fixtures/shared.ts';
import facts from './facts/confidentiality-profile.json' with { type: 'json' };
import { OPTION_COLUMNS, type PublishedAttribute } from './profile-columns.ts';
import { findProfileRow } from './profile-table.ts';

const reference =
  sharedFolder === null
    ? null
    : join(sharedFolder, 'reference/dicom-ps3.15-confidentiality-profiles.json');

describe('the confidentiality profile', () => {
  it.skipIf(reference === null)(
    'agrees with the published table, entry by entry (skipped: no reference on this machine)',
    () => {
      const entries = JSON.parse(
        readFileSync(reference ?? '', 'utf8'),
      ) as readonly PublishedAttribute[];
      expect(facts.length).toBe(entries.length);
      const differing = entries.filter((entry) => {
        // Asked through the table and not through the file's lines, so that reading is tested too.
        const id = (entry['id'] ?? '').toUpperCase();
        const tag = id.startsWith('GGGG') ? 0x00091001 : Number.parseInt(id.replace(/X/g, '0'), 16);
        const row = findProfileRow(tag);
        const options = Object.entries(OPTION_COLUMNS).every(
          ([key, letter]) => row?.options.get(letter) === entry[key],
        );
        return row?.basic.join('/') !== entry['basicProfile'] || !options;
      });
      expect(differing.map((entry) => entry['tag'])).toEqual([]);
    },
  );

  it('has 621 attributes, each once', () => {
    expect(new Set(facts.map(([tag]) => tag)).size).toBe(621);
  });

  it('removes private groups, curves and overlay data in every repeated group', () => {
    for (const tag of [0x00091001, 0x00110010, 0x50000005, 0x501e3000, 0x60003000, 0x60024000]) {
      expect(findProfileRow(tag)?.basic, tag.toString(16)).toEqual(['X']);
    }
  });

  it('says nothing about the geometry of an overlay or of an image', () => {
    expect(findProfileRow(0x60000010)).toBeUndefined();
    expect(findProfileRow(0x00200032)).toBeUndefined();
  });
});
