/**
 * *Survey*: a folder should hold one study of one patient. Where it does not, that is recorded on
 * the batch; the images are put together by patient and study all the same. What will
 * pass the screen is noted for the step that looks for conflicts.
 */
import { pass, type BatchResult, type BatchStep, type Member } from '../../../engine/pipeline.ts';
import type { Finding } from '@lazaret/faults';
import { imagingCodes } from '../codes.ts';
import type { Image } from '../image.ts';
import { sight } from '../instances.ts';
import { screen } from './screen.ts';
import type { ImagingTools } from '../tools.ts';

export const surveyFolder: BatchStep<Image, Image, ImagingTools> = {
  name: 'survey',
  async apply(members, context) {
    const passing = await Promise.all(
      members.map(async ({ item, value }) => {
        const { kind } = await screen.apply(value, {
          item,
          batch: context.batch,
          tools: context.tools,
        });
        return kind === 'pass' ? [value] : [];
      }),
    );
    await sight(context, context.batch, passing.flat());
    return survey(members);
  },
  rehearse: survey,
};

function survey(members: readonly Member<Image>[]): Promise<BatchResult<Image>> {
  const studies = new Set(members.map(({ value }) => value.header.studyUid));
  const patients = new Set(
    members.map(({ value }) => JSON.stringify([value.header.issuer, value.header.patientId])),
  );
  const findings: Finding[] = [];
  if (studies.size > 1) {
    findings.push(imagingCodes.finding('SeveralStudies', { studies: studies.size }));
  }
  if (patients.size > 1) {
    findings.push(imagingCodes.finding('SeveralPatients', { patients: patients.size }));
  }
  return Promise.resolve({ results: members.map(({ value }) => pass(value)), findings });
}
