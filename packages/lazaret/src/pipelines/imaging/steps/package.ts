/**
 * *Package*: names the archive of a batch and lists what is in it. The key is made of coded
 * identifiers and of a digest over sources, recipe and key, so that the same images under the same
 * recipe always make the same archive, and others never overwrite it.
 */
import { createHash } from 'node:crypto';
import { pass, type BatchStep } from '../../../engine/pipeline.ts';
import type { ArchivedImage, PackedImage } from '../image.ts';
import type { ImagingTools } from '../tools.ts';

const DIGEST_CHARACTERS = 16;

export const packageBatch: BatchStep<PackedImage, ArchivedImage, ImagingTools> = {
  name: 'package',
  apply(members, { key, recipe, tools, findingsOf }) {
    const [first] = members;
    if (first === undefined) return Promise.resolve({ results: [] });
    const { pseudonym, accession } = first.value.identity;
    const digest = createHash('sha256')
      .update(
        JSON.stringify({
          sources: members.map(({ value }) => value.digest).sort(),
          recipe,
          key: key.keyId,
        }),
      )
      .digest('hex')
      .slice(0, DIGEST_CHARACTERS);
    const name = [
      pseudonym,
      first.value.studyDate === '' ? 'nodate' : first.value.studyDate,
      accession === '' ? 'noaccession' : accession,
      digest,
    ].join('_');
    const archive = `${tools.policy.collection}/Entity/${pseudonym}/${name}.tar.gz`;
    const dates: Record<string, number> = {};
    for (const { value } of members) {
      const date = value.studyDate === '' ? 'none' : value.studyDate;
      dates[date] = (dates[date] ?? 0) + 1;
    }
    return Promise.resolve({
      results: members.map(({ item, value }) =>
        pass({
          ...value,
          archive,
          findings: [...new Set(findingsOf(item).map(({ id }) => id))].sort(),
        }),
      ),
      qa: {
        StudyDate: dates,
        SizeBytes: members.reduce((sum, { value }) => sum + value.size, 0),
      },
    });
  },
};
