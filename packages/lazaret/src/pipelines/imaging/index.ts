/** The pipeline of images: folders of DICOM in, verified archives of clean images out. */
import { stage, type CopyRules, type Pipeline } from '../../engine/pipeline.ts';
import { normaliseIdentifier, normaliseIssuer } from '../../identity/identifier-rules.ts';
import { identityDependencies, identityRecipe } from '../../identity/settings.ts';
import { imagingCodes } from './codes.ts';
import { erasing } from './erasing.ts';
import { folderSource } from './find.ts';
import type { FileArrival, Image } from './image.ts';
import { IMAGING_MIGRATIONS } from './instances.ts';
import { knownModality } from './modality.ts';
import { copyable } from './original.ts';
import { importFile } from './steps/import.ts';
import { surveyFolder } from './steps/survey.ts';
import { screen } from './steps/screen.ts';
import { holdConflicts } from './steps/conflicts.ts';
import { identify } from './steps/identify.ts';
import { deidentify, pack, verify } from './steps/clean.ts';
import { packageBatch } from './steps/package.ts';
import { deliver } from './steps/deliver.ts';
import { makeTools, type ImagingConfiguration, type ImagingTools } from './tools.ts';
import { configure } from './configure.ts';
import { outputPart, parsePolicy } from './policy.ts';

export const pipeline: Pipeline<ImagingConfiguration, ImagingTools> = {
  name: 'imaging',
  module: new URL(import.meta.url),
  codes: imagingCodes.entries,
  stages: [
    stage<FileArrival, ImagingTools>('import').item(importFile).batch(surveyFolder).stage,
    stage<Image, ImagingTools>('release', { cut: patientAndStudy, dedupe: true })
      .item(screen)
      .repeats()
      .batch(holdConflicts)
      .batch(identify)
      .item(deidentify)
      .item(verify)
      .item(pack)
      .batch(packageBatch)
      .batch(deliver).stage,
  ],
  migrations: IMAGING_MIGRATIONS,
  dataGate: { afterItems: 500, rejectRate: 0.5, problemShare: 0.9, z: 1.96 },
  configure,
  revise: (configuration, policy) => ({ ...configuration, policy: parsePolicy(policy) }),
  dependencies: ({ identity }) => identityDependencies(identity),
  recipe: ({ policy, identity }) => withService(policy, identity),
  outputRecipe: ({ policy, identity }) => withService(outputPart(policy), identity),
  open: ({ arrival }, location) =>
    folderSource(location, { direct: arrival === 'files', mayVanish: arrival !== undefined }),
  writesTo: ({ out }) => [out],
  watching: {
    arrivals: 'folder',
    configurationOf: (configuration, arrival) => ({ ...configuration, arrival }),
  },
  tools: makeTools,
  digestOf: (value) =>
    typeof value === 'object' && value !== null && 'digest' in value ? String(value.digest) : null,
  factsOf: (value) =>
    isImage(value)
      ? { modality: knownModality(value.header.modality), bytes: value.size, ...value.facts }
      : {},
  sizeOf: (arrival) => (arrival as FileArrival).size,
  erasing,
  originals: {
    rules: ({ copies }) => copies ?? DEFAULT_COPIES,
    open: copyable,
    notCopied: new Set(['FileNotReadable', 'FileVanished', 'LimitReached']),
  },
  again: (arrival, digest, copy) => ({
    ...(arrival as FileArrival),
    ...(digest === null ? {} : { expected: digest }),
    ...(copy === null ? {} : { copy }),
  }),
  reveal: (arrival) => {
    const { path, encoding } = arrival as FileArrival;
    return encoding === 'utf8' ? path : Buffer.from(path, 'base64').toString('latin1');
  },
};

/** Another identifier service gives other pseudonyms; the embedded one follows from the key. */
function withService(part: unknown, identity: ImagingConfiguration['identity']): unknown {
  const service = identityRecipe(identity);
  return service === null ? part : { policy: part, identity: service };
}

/** Twenty gigabytes: what a project may well hold, and any disk has room for. */
const DEFAULT_COPIES: CopyRules = { keep: 'onError', maxBytes: 20_000_000_000 };

/** Images of one patient's study belong together, whatever folders they came in. */
function patientAndStudy({ header }: Image): string {
  const rules = { trim: true, case: 'keep', leadingZeros: 'keep', issuer: 'part' } as const;
  const id = header.patientId.trim();
  return JSON.stringify([
    id === '' ? '' : normaliseIdentifier(id, rules, 'patient', 1),
    normaliseIssuer(header.issuer, rules),
    header.studyUid,
  ]);
}

function isImage(value: unknown): value is Image {
  return typeof value === 'object' && value !== null && 'header' in value;
}
