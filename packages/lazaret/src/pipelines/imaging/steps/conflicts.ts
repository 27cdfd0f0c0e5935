/**
 * *Conflicts*: repeats of the same bytes are gone by now, so images that share a SOPInstanceUID
 * differ: with each other, with one of another study in this run, or with what was delivered before.
 * Nobody but a person can say which one is right. All of them wait: to let the first one through
 * would be to guess.
 */
import {
  hold,
  pass,
  type BatchContext,
  type BatchResult,
  type BatchStep,
  type Member,
} from '../../../engine/pipeline.ts';
import { imagingCodes } from '../codes.ts';
import type { Image } from '../image.ts';
import { countSighted, findClaimed } from '../instances.ts';
import type { ImagingTools } from '../tools.ts';

export const holdConflicts: BatchStep<Image, Image, ImagingTools> = {
  name: 'conflicts',
  async apply(members, context) {
    const images = members.map(({ value }) => value);
    // The whole run was read before the first study came here.
    const sighted = await countSighted(context, context.batch.run, images);
    const counts = countHere(members);
    for (const [uid, here] of counts) counts.set(uid, Math.max(here, sighted.get(uid) ?? 1));
    return judge(members, context, counts);
  },
  // A rehearsal has noted nothing in the store: it sees what is before it.
  rehearse: (members, context) => judge(members, context, countHere(members)),
};

function countHere(members: readonly Member<Image>[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { value } of members) {
    const uid = value.header.instanceUid;
    counts.set(uid, (counts.get(uid) ?? 0) + 1);
  }
  return counts;
}

async function judge(
  members: readonly Member<Image>[],
  context: Pick<BatchContext<ImagingTools>, 'db' | 'key' | 'project'>,
  counts: ReadonlyMap<string, number>,
): Promise<BatchResult<Image>> {
  const delivered = await findClaimed(
    context,
    members.map(({ value }) => value),
  );
  return {
    results: members.map(({ item, value }) => {
      const uid = value.header.instanceUid;
      const count = (counts.get(uid) ?? 1) + (delivered.has(uid) ? 1 : 0);
      if (count === 1) return pass(value);
      return hold(
        imagingCodes.finding('InstanceConflict', { count }, { item, tag: '(0008,0018)' }),
      );
    }),
  };
}
