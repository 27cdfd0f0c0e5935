/**
 * *Conflicts*: repeats of the same bytes are gone by now, so images that share a SOPInstanceUID
 * differ, with each other or with what was delivered before, and nobody but a person can say which
 * one is right. All of them wait: to let the first one through would be to guess.
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
import { findClaimed } from '../instances.ts';
import type { ImagingTools } from '../tools.ts';

export const holdConflicts: BatchStep<Image, Image, ImagingTools> = {
  name: 'conflicts',
  apply: findConflicts,
  rehearse: findConflicts,
};

async function findConflicts(
  members: readonly Member<Image>[],
  context: Pick<BatchContext<ImagingTools>, 'db' | 'key' | 'project'>,
): Promise<BatchResult<Image>> {
  const claims = new Map<string, number>();
  for (const { value } of members) {
    const uid = value.header.instanceUid;
    claims.set(uid, (claims.get(uid) ?? 0) + 1);
  }
  const delivered = await findClaimed(
    context,
    members.map(({ value }) => value),
  );
  return {
    results: members.map(({ item, value }) => {
      const uid = value.header.instanceUid;
      const count = (claims.get(uid) ?? 1) + (delivered.has(uid) ? 1 : 0);
      if (count === 1) return pass(value);
      return hold(
        imagingCodes.finding('InstanceConflict', { count }, { item, tag: '(0008,0018)' }),
      );
    }),
  };
}
