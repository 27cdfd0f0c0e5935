/** *Identify*: a pseudonym for the patient and each accession. No answer, no way on. */
import {
  pass,
  type BatchContext,
  type BatchResult,
  type BatchStep,
  type Member,
} from '../../../engine/pipeline.ts';
import { openIdentityService, type ServiceParts } from '../../../identity/configured.ts';
import type { IdentityMap } from '../../../identity/identity-map.ts';
import { checkAnswer, type IdentityRequest } from '../../../identity/service.ts';
import { storedIdentityMap } from '../../../identity/stored-map.ts';
import { civilDate } from '../dicom/civil-date.ts';
import type { IdentifiedImage, Image } from '../image.ts';
import type { ImagingTools } from '../tools.ts';

/** What the images of one patient say together. */
interface Asked {
  readonly image: Image;
  readonly accessions: Set<string>;
  readonly studyDates: Map<string, string>;
  birthDate: string | null;
}

export const identify: BatchStep<Image, IdentifiedImage, ImagingTools> = {
  name: 'identify',
  apply: (members, context) => {
    const { env, call } = context;
    return identifyAll(members, context, { map: storedIdentityMap(context.db), env, call });
  },
  // Computed pseudonyms can be had without being remembered; nobody is asked only to try.
  rehearse: (members, context) =>
    context.tools.identity.kind === 'embedded'
      ? identifyAll(members, context, { map: FORGETFUL, env: {}, call: refuseCall })
      : Promise.resolve(null),
};

const FORGETFUL: IdentityMap = { remember: () => Promise.resolve() };

function refuseCall(): never {
  throw new Error('A rehearsal asks no service.');
}

async function identifyAll(
  members: readonly Member<Image>[],
  { key, tools, signal }: Pick<BatchContext<ImagingTools>, 'key' | 'tools' | 'signal'>,
  reach: Pick<ServiceParts, 'map' | 'env' | 'call'>,
): Promise<BatchResult<IdentifiedImage>> {
  const service = openIdentityService(tools.identity, {
    key,
    rules: tools.policy.patientId,
    prefixes: tools.policy.prefixes,
    ...reach,
  });
  const patients = gatherPatients(members.map(({ value }) => value));
  const request: IdentityRequest = {
    patients: patients.map(({ image, birthDate, accessions, studyDates }) => ({
      id: image.header.patientId,
      ...(image.header.issuer === '' ? {} : { issuer: image.header.issuer }),
      ...(birthDate === null ? {} : { birthDate }),
      accessions: [...accessions].sort(),
      studyDates,
    })),
  };
  const answer = checkAnswer(request, await service.identify(request, signal));
  const answers = new Map(
    answer.patients.map((given, index) => [patientOf(patients[index]?.image), given]),
  );
  return {
    results: members.map(({ value }) => {
      const given = answers.get(patientOf(value));
      if (given === undefined) throw new Error('A checked answer lacks a patient.');
      const { accession } = value.header;
      return pass({
        ...value,
        identity: {
          pseudonym: given.pseudonym,
          shiftDays: given.shiftDays,
          accession: accession === '' ? '' : (given.accessions[accession] ?? ''),
        },
      });
    }),
  };
}

function gatherPatients(images: readonly Image[]): readonly Asked[] {
  const gathered = new Map<string, Asked>();
  for (const image of images) {
    const { accession, studyDate, birthDate } = image.header;
    const name = patientOf(image);
    const known = gathered.get(name);
    const asked = known ?? { image, accessions: new Set(), studyDates: new Map(), birthDate: null };
    gathered.set(name, asked);
    // The first that is a date: headers leave dates out more often than they contradict.
    asked.birthDate ??= civilDate(birthDate);
    if (accession === '') continue;
    asked.accessions.add(accession);
    const studied = civilDate(studyDate);
    if (studied !== null && !asked.studyDates.has(accession)) {
      asked.studyDates.set(accession, studied);
    }
  }
  return [...gathered.values()];
}

function patientOf(image: Image | undefined): string {
  return JSON.stringify([image?.header.issuer, image?.header.patientId]);
}
