/** *Screen*: what the policy does not let through waits, and the record says why. */
import { hold, pass, type ItemStep } from '../../../engine/pipeline.ts';
import type { Finding } from '@lazaret/faults';
import { imagingCodes } from '../codes.ts';
import type { Image } from '../image.ts';
import { demandsPixels } from '../image-class.ts';
import { knownModality } from '../modality.ts';
import type { Policy } from '../policy.ts';
import type { ImagingTools } from '../tools.ts';

const { finding } = imagingCodes;

/** Shorter identifiers would be found everywhere: they are searched for as whole words only. */
const SHORT_CHARACTERS = 4;

export const screen: ItemStep<Image, Image, ImagingTools> = {
  name: 'screen',
  apply(image, { item, tools }) {
    const { header, doubt } = image;
    if (doubt !== null) {
      const place = {
        item,
        offset: doubt.offset,
        ...(doubt.tag === undefined ? {} : { tag: doubt.tag }),
      };
      return hold(
        finding('HeaderInDoubt', { doubts: doubt.kinds, count: doubt.kinds.length }, place),
      );
    }
    const blocking: Finding[] = [];
    const missing = [
      ...(header.instanceUid === '' ? ['SOPInstanceUID'] : []),
      ...(header.studyUid === '' ? ['StudyInstanceUID'] : []),
      ...(header.seriesUid === '' ? ['SeriesInstanceUID'] : []),
    ];
    if (missing.length > 0) blocking.push(finding('InstanceUidMissing', { missing }, { item }));
    if (header.patientId.trim() === '') {
      blocking.push(finding('PatientIdMissing', {}, { item, tag: '(0010,0020)' }));
    }
    const stops = [...policyStops(image, item, tools.policy), ...pixelStops(image, item)];
    // All that is wrong is told at once; what nobody can let go of comes first.
    if (blocking.length > 0) return hold([...blocking, ...stops]);
    if (stops.length > 0) return hold(stops, image);
    return pass(image, ...shortIdentifiers(image, item));
  },
};

/** What the policy of the project does not let through without a person. */
function policyStops({ header }: Image, item: number, policy: Policy): Finding[] {
  const { burnedIn = 'hold', holdImageTypes = [], holdSopClasses = [] } = policy.screens ?? {};
  const stops: Finding[] = [];
  if (!policy.modalities.includes(header.modality)) {
    stops.push(
      finding(
        'ModalityNotAccepted',
        { modality: knownModality(header.modality), accepted: policy.modalities },
        { item, tag: '(0008,0060)' },
      ),
    );
  }
  if (header.burnedIn === 'YES') {
    stops.push(finding('BurnedInAnnotation', {}, { item, tag: '(0028,0301)' }));
  } else if (burnedIn === 'holdUnlessNo' && header.burnedIn !== 'NO') {
    stops.push(finding('BurnedInNotDenied', {}, { item, tag: '(0028,0301)' }));
  }
  // Named as the policy names them: what a file says there may be anything.
  const types = holdImageTypes.filter((type) => header.imageType.includes(type));
  if (types.length > 0) {
    stops.push(finding('ImageTypeHeld', { types }, { item, tag: '(0008,0008)' }));
  }
  const sopClass = holdSopClasses.find((uid) => uid === header.sopClass);
  if (sopClass !== undefined) {
    stops.push(finding('SopClassHeld', { sopClass }, { item, tag: '(0008,0016)' }));
  }
  return stops;
}

function pixelStops({ header }: Image, item: number): Finding[] {
  if (header.hasPixels || !demandsPixels(header.sopClass)) return [];
  return [finding('PixelsMissing', {}, { item, tag: '(7FE0,0010)' })];
}

function shortIdentifiers({ header }: Image, item: number): Finding[] {
  const isShort = (value: string): boolean => value !== '' && value.length < SHORT_CHARACTERS;
  return [
    ...(isShort(header.patientId)
      ? [finding('IdentifierShort', { identifier: 'patient id' }, { item, tag: '(0010,0020)' })]
      : []),
    ...(isShort(header.accession)
      ? [
          finding(
            'IdentifierShort',
            { identifier: 'accession number' },
            { item, tag: '(0008,0050)' },
          ),
        ]
      : []),
  ];
}
