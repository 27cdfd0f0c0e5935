/**
 * *Conflicts*: repeats of the same bytes are gone by now, so images that share a SOPInstanceUID
 * differ: with each other, with one of another study in this run, or with what was delivered before.
 * Nobody but a person can say which one is right. All of them wait: to let the first one through
 * would be to guess.
 */
import { hold, pass, type BatchStep } from '../../../engine/pipeline.ts';
import { imagingCodes } from '../codes.ts';
import type { Image } from '../image.ts';
import { countSighted, findClaimed } from '../instances.ts';
import type { ImagingTools } from '../tools.ts';

export const holdConflicts: BatchStep<Image, Image, ImagingTools> = {
  name: 'conflicts',
  async apply(members, context) {
    const claims = new Map<string, number>();
    for (const { value } of members) {
      const uid = value.header.instanceUid;
      claims.set(uid, (claims.get(uid) ?? 0) + 1);
    }
    const images = members.map(({ value }) => value);
    // The whole run was read before the first study came here.
    const sighted = await countSighted(context, context.batch.run, images);
    const delivered = await findClaimed(context, images);
    return {
      results: members.map(({ item, value }) => {
        const uid = value.header.instanceUid;
        const here = Math.max(claims.get(uid) ?? 1, sighted.get(uid) ?? 1);
        const count = here + (delivered.has(uid) ? 1 : 0);
        if (count === 1) return pass(value);
        return hold(
          imagingCodes.finding('InstanceConflict', { count }, { item, tag: '(0008,0018)' }),
        );
      }),
    };
  },
};
