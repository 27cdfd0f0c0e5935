/**
 * The identifier service that needs no service: pseudonyms and date shifts come from the project's
 * key, so that two machines with the same key agree without talking, and nothing has to be looked
 * up to answer. The identity map is written for the way back, and to notice a collision.
 */
import { assert } from '@lazaret/faults';
import { type IdentifierRules, normaliseIdentifier, normaliseIssuer } from './identifier-rules.ts';
import {
  identityContext,
  type IdentityEntry,
  type IdentityMap,
  refuseChange,
} from './identity-map.ts';
import type { ProjectKey } from './project-key.ts';
import {
  emptyRecord,
  type IdentifierKind,
  type IdentityAnswer,
  type IdentityRequest,
  type IdentityService,
  type PatientAnswer,
  type PatientRequest,
} from './service.ts';

/** Crockford's base 32: digits and upper-case letters without I, L, O and U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const BITS_PER_LETTER = 5n;

/** 60 bits. With a prefix of up to 4 letters it fits SH, 16 characters (PS3.5 section 6.2). */
const PSEUDONYM_LENGTH = 12;
const PREFIX = /^[A-Z]{0,4}$/;

const MAX_SHIFT_DAYS = 365;
const MAX_PATIENTS = 100_000;
const MAX_ACCESSIONS = 100_000;

export interface EmbeddedOptions {
  readonly key: ProjectKey;
  readonly map: IdentityMap;
  readonly rules: IdentifierRules;
  /** Letters before a pseudonym, so that people see what it is of. Up to 4, upper case. */
  readonly prefixes: Readonly<Record<IdentifierKind, string>>;
}

/** The service of one project. */
export function embeddedIdentityService(options: EmbeddedOptions): IdentityService {
  for (const prefix of Object.values(options.prefixes)) {
    assert(PREFIX.test(prefix), 'a pseudonym has a prefix of up to 4 upper-case letters');
  }
  return {
    async identify(request: IdentityRequest, signal: AbortSignal): Promise<IdentityAnswer> {
      signal.throwIfAborted();
      const { patients } = request;
      assert(patients.length <= MAX_PATIENTS, 'an identity request has too many patients');
      const entries = new Map<string, IdentityEntry>();
      const answers = patients.map((patient, at) =>
        identifyPatient(options, patient, at + 1, entries),
      );
      // Nothing is answered that the map does not hold: a pseudonym without a way back is worse
      // than a batch that has to be tried again.
      await options.map.remember([...entries.values()]);
      signal.throwIfAborted();
      return { patients: answers };
    },
  };
}

function identifyPatient(
  options: EmbeddedOptions,
  patient: PatientRequest,
  position: number,
  entries: Map<string, IdentityEntry>,
): PatientAnswer {
  const { key, rules } = options;
  assert(patient.accessions.length <= MAX_ACCESSIONS, 'a patient has too many accessions');
  const id = normaliseIdentifier(patient.id, rules, 'patient', position);
  // As JSON, because joined strings of two identities could be the same string.
  const identity = JSON.stringify([normaliseIssuer(patient.issuer, rules), id]);
  const issuer = patient.issuer === undefined ? {} : { issuer: patient.issuer };
  const pseudonym = coin(options, 'patient', identity, entries, { id: patient.id, ...issuer });
  const accessions = emptyRecord();
  for (const [at, accession] of patient.accessions.entries()) {
    // Accession numbers are only unique within a hospital, and many files have `1` or `2`. Hashed
    // alone they would join the studies of unrelated patients, so the patient is part of it.
    const number = normaliseIdentifier(accession, rules, 'accession', at + 1);
    const whole = JSON.stringify([identity, number]);
    const original = { id: accession, patient: pseudonym };
    accessions[accession] = coin(options, 'accession', whole, entries, original);
  }
  return { id: patient.id, ...issuer, pseudonym, shiftDays: shiftOf(key, identity), accessions };
}

function coin(
  options: EmbeddedOptions,
  kind: IdentifierKind,
  identity: string,
  entries: Map<string, IdentityEntry>,
  original: Readonly<Record<string, string>>,
): string {
  const { key, prefixes } = options;
  const bytes = Buffer.from(key.keyedBytes(kind, identity));
  const pseudonym = prefixes[kind] + encodeBase32(bytes.readBigUInt64BE(0));
  const origin = bytes.toString('hex');
  const name = identityContext(kind, pseudonym);
  const known = entries.get(name);
  if (known !== undefined) {
    refuseChange({ ...known, origin }, [known]);
    return pseudonym;
  }
  const sealed = key.sealJson(original, name);
  entries.set(name, { kind, pseudonym, sealed, keyId: key.keyId, origin, mark: null });
  return pseudonym;
}

/** The 60 upper bits of 64, as 12 letters. */
function encodeBase32(bits: bigint): string {
  let text = '';
  for (let at = 1n; at <= PSEUDONYM_LENGTH; at += 1n) {
    text += ALPHABET[Number((bits >> (64n - at * BITS_PER_LETTER)) & 31n)] ?? '';
  }
  return text;
}

/**
 * One shift per patient, from −365 to −1 days: never 0, which would leave the dates as they are,
 * and never forward, which would put studies into the future. 64 bits over 365 values are uniform
 * to one part in 10^16.
 */
function shiftOf(key: ProjectKey, identity: string): number {
  const bits = Buffer.from(key.keyedBytes('shift', identity)).readBigUInt64BE(0);
  return -1 - Number(bits % BigInt(MAX_SHIFT_DAYS));
}
