/**
 * Defined terms for Modality (PS3.3 C.7.3.1.1.1), retired ones included. A value that is none of
 * them may be anything, a name included, and is not repeated to anybody.
 */
const TERMS = new Set(
  `ANN AR ASMT AU BDUS BI BMD CR CT CTPROTOCOL DMS DG DOC DX ECG EEG EMG EOG EPS ES FID GM HC HD
  IO IOL IVOCT IVUS KER KO LEN LS MG MR M3D NM OAM OCT OP OPM OPT OPTBSV OPTENF OPV OSS OT PA PLAN
  POS PR PT PX REG RESP RF RG RTDOSE RTIMAGE RTINTENT RTPLAN RTRAD RTRECORD RTSEGANN RTSTRUCT RWV
  SEG SM SMR SR SRF STAIN TEXTUREMAP TG US VA VF XA XC XAPROTOCOL CS DD DF DM DS EC FA FS LP MA MS
  OPR ST TH VL CP CV`.split(/\s+/),
);

/** The modality where it is a defined term, else words that say what it is. */
export function knownModality(value: string): string {
  if (value === '') return '(none)';
  return TERMS.has(value) ? value : '(not a defined term)';
}
