/** Elements that no policy decides about, and those that name somebody. */
import { tagOf } from '../dicom/dictionary.ts';
import type { Tag } from '../dicom/element.ts';

/** Elements that the pipeline writes itself, and where what it writes comes from. */
const WRITTEN: Readonly<Record<string, string>> = {
  PatientName: 'it is the pseudonym of the patient',
  PatientID: 'it is the pseudonym of the patient',
  AccessionNumber: 'it is the pseudonym of the accession number',
  PatientIdentityRemoved: 'it is the mark of what was done (PS3.15 E.3)',
  DeidentificationMethod: 'it names the policy (PS3.15 E.3)',
  DeidentificationMethodCodeSequence: 'it lists the options (PS3.15 E.3)',
  LongitudinalTemporalInformationModified: 'it follows from the options about dates',
  StudyInstanceUID: 'the option retainUids decides about it',
  SeriesInstanceUID: 'the option retainUids decides about it',
  SOPInstanceUID: 'the option retainUids decides about it',
};

/** Without these, or with other values, a file is another image, or none. */
const STRUCTURE = `SpecificCharacterSet SOPClassUID Modality SamplesPerPixel PhotometricInterpretation
  PlanarConfiguration NumberOfFrames Rows Columns BitsAllocated BitsStored HighBit
  PixelRepresentation BurnedInAnnotation RecognizableVisualFeatures LossyImageCompression
  RedPaletteColorLookupTableDescriptor GreenPaletteColorLookupTableDescriptor
  BluePaletteColorLookupTableDescriptor RedPaletteColorLookupTableData
  GreenPaletteColorLookupTableData BluePaletteColorLookupTableData PixelData FloatPixelData
  DoubleFloatPixelData PixelDataProviderURL`;

/**
 * What names a person, or the number under which a person is found elsewhere: PS3.15 table E.1-1
 * has all of these with X, Z or D, and no option that retains them. Every element of VR PN belongs
 * here as well.
 */
const DIRECT = `IssuerOfPatientID IssuerOfPatientIDQualifiersSequence PatientBirthDate
  PatientBirthTime PatientBirthDateInAlternativeCalendar PatientInsurancePlanCodeSequence
  OtherPatientIDs OtherPatientIDsSequence PatientAddress InsurancePlanIdentification MilitaryRank
  BranchOfService MedicalRecordLocator ReferencedPatientPhotoSequence CountryOfResidence
  RegionOfResidence PatientTelephoneNumbers PatientTelecomInformation
  ReferencedPatientAliasSequence PatientInstitutionResidence CurrentPatientLocation
  ScheduledPatientInstitutionResidence ReferringPhysicianAddress
  ReferringPhysicianTelephoneNumbers ReferringPhysicianIdentificationSequence
  PersonIdentificationCodeSequence PersonAddress PersonTelephoneNumbers PersonTelecomInformation
  OrderCallbackPhoneNumber OrderCallbackTelecomInformation AddressTrial TelephoneNumberTrial
  DistributionAddress StudyID StudyIDIssuer AdmissionID IssuerOfAdmissionID
  IssuerOfAdmissionIDSequence ServiceEpisodeID IssuerOfServiceEpisodeID
  IssuerOfServiceEpisodeIDSequence SpecimenAccessionNumber RequestedProcedureID
  ScheduledProcedureStepID PerformedProcedureStepID PlacerOrderNumberImagingServiceRequest
  FillerOrderNumberImagingServiceRequest ResultsID InterpretationID CameraOwnerName
  EncapsulatedDocument OriginalAttributesSequence ModifiedAttributesSequence
  NonconformingModifiedAttributesSequence NonconformingDataElementValue
  DigitalSignaturesSequence`;

const written = new Map<Tag, string>(
  Object.entries(WRITTEN).map(([keyword, why]) => [tagNamed(keyword), why]),
);
const structure = new Set(STRUCTURE.split(/\s+/).map(tagNamed));
const direct = new Set(DIRECT.split(/\s+/).map(tagNamed));

/** Why the pipeline writes an element itself; null where it does not. */
export function writtenBecause(tag: Tag): string | null {
  return written.get(tag) ?? null;
}

/** Whether the element is part of what makes the file an image that can be read. */
export function isStructure(tag: Tag): boolean {
  return structure.has(tag);
}

/** Whether the element names somebody, or the number of somebody. */
export function identifiesDirectly(tag: Tag, vr: string | undefined): boolean {
  return vr === 'PN' || direct.has(tag);
}

function tagNamed(keyword: string): Tag {
  const tag = tagOf(keyword);
  if (tag === undefined) throw new Error(`${keyword} is no keyword of the standard.`);
  return tag;
}
