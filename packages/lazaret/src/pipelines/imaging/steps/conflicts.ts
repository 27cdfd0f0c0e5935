/**
 * *Conflicts*: repeats of the same bytes are gone by now, so images of one study that share a
 * SOPInstanceUID differ, and nobody but a person can say which one is right.
 */
import { hold, pass, type BatchStep } from '../../../engine/pipeline.ts';
import { imagingCodes } from '../codes.ts';
import type { Image } from '../image.ts';
import type { ImagingTools } from '../tools.ts';

export const holdConflicts: BatchStep<Image, Image, ImagingTools> = {
  name: 'conflicts',
  apply(members) {
    const claims = new Map<string, number>();
    for (const { value } of members) {
      const uid = value.header.instanceUid;
      claims.set(uid, (claims.get(uid) ?? 0) + 1);
    }
    return Promise.resolve({
      results: members.map(({ item, value }) => {
        const count = claims.get(value.header.instanceUid) ?? 1;
        if (count === 1) return pass(value);
        return hold(
          imagingCodes.finding('InstanceConflict', { count }, { item, tag: '(0008,0018)' }),
        );
      }),
    });
  },
};
