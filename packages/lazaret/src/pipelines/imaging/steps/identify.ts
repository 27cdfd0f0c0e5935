/** *Identify*: a pseudonym for the patient and each accession. No answer, no way on. */
import { pass, type BatchStep } from '../../../engine/pipeline.ts';
import { embeddedIdentityService } from '../../../identity/embedded.ts';
import { checkAnswer, type IdentityRequest } from '../../../identity/service.ts';
import { storedIdentityMap } from '../../../identity/stored-map.ts';
import type { IdentifiedImage, Image } from '../image.ts';
import type { ImagingTools } from '../tools.ts';

export const identify: BatchStep<Image, IdentifiedImage, ImagingTools> = {
  name: 'identify',
  async apply(members, { db, key, tools, signal }) {
    const service = embeddedIdentityService({
      key,
      map: storedIdentityMap(db),
      rules: tools.policy.patientId,
      prefixes: tools.policy.prefixes,
    });
    const asked = new Map<string, { readonly image: Image; readonly accessions: Set<string> }>();
    for (const { value } of members) {
      const patient = asked.get(patientOf(value)) ?? { image: value, accessions: new Set() };
      if (value.header.accession !== '') patient.accessions.add(value.header.accession);
      asked.set(patientOf(value), patient);
    }
    const patients = [...asked.values()];
    const request: IdentityRequest = {
      patients: patients.map(({ image, accessions }) => ({
        id: image.header.patientId,
        ...(image.header.issuer === '' ? {} : { issuer: image.header.issuer }),
        accessions: [...accessions].sort(),
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
  },
};

function patientOf(image: Image | undefined): string {
  return JSON.stringify([image?.header.issuer, image?.header.patientId]);
}
