/**
 * Configuration: a file (`lazaret.config.ts`, `.js` or `.json`) under what the command line says.
 * An unknown key or a bad value is refused with its path and the nearest valid one.
 */
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nearestName } from '@lazaret/faults';
import { z } from 'zod';
import {
  IDENTITY_SETTING_NAMES,
  identitySettingsSchema,
  type IdentitySettings,
} from '../identity/settings.ts';
import type { SpaceLimits } from '../engine/space.ts';
import type { CopyRules } from '../engine/pipeline.ts';
import {
  lookUpNames,
  lookUpSettingsSchema,
  type LookUpSettings,
} from '../pipelines/forms/lookups/settings.ts';
import { cliCodes } from './codes.ts';
import { readJson } from './json-file.ts';
import { readPolicy } from './policy-file.ts';

const name = z
  .string()
  .regex(/^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}$/, 'must be a plain name of at most 64 characters');

/** The keys of the configuration file. The reference page is made from it, descriptions included. */
export const configurationSchema = z.strictObject({
  data: z.string().min(1).optional().describe('The data folder: store, log, staged files.'),
  out: z.string().min(1).optional().describe('The folder that deliveries go to.'),
  project: name.optional().describe('Whose data it is: the project has the pseudonym key.'),
  site: name.optional().describe('Who sent the data.'),
  user: z.string().min(1).max(200).optional().describe('Who runs, releases and replays.'),
  workers: z.int().min(1).max(256).optional().describe('Worker threads.'),
  maxPauseSeconds: z
    .number()
    .min(0)
    .max(604_800)
    .optional()
    .describe('How long a run waits for a service that is down before it is interrupted.'),
  space: z
    .strictObject({
      alarmBytes: z
        .int()
        .min(0)
        .optional()
        .describe('Free bytes of a folder that is written to, below which somebody is told.'),
      pauseBytes: z
        .int()
        .min(0)
        .optional()
        .describe('Free bytes below which work pauses until there is room again.'),
      contact: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .describe('Who is asked to make room; stands in the message.'),
    })
    .optional(),
  watch: z
    .strictObject({
      settleSeconds: z
        .number()
        .min(0.05)
        .max(86_400)
        .optional()
        .describe('How long an arrival has to stay as it is before it is taken.'),
      partialNames: z
        .array(z.string().min(1).max(100))
        .max(100)
        .optional()
        .describe('More names of files that are still being written, with `*` and `?`.'),
    })
    .optional(),
  copies: z
    .enum(['never', 'onError', 'always'])
    .optional()
    .describe('Whether sealed copies of originals are kept: of what is held (onError), or of all.'),
  copiesMaxBytes: z
    .int()
    .min(0)
    .optional()
    .describe('Room that copies may take in the data folder; beyond it none are made (ENG-070).'),
  log: z
    .strictObject({
      format: z.enum(['tab', 'json']).optional().describe('How a line of the log file is written.'),
      level: z
        .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])
        .optional()
        .describe('The quietest events that are written.'),
      timeZone: z.string().optional().describe('Of the times in the log file, such as UTC.'),
    })
    .optional(),
  identity: identitySettingsSchema.optional(),
  forms: lookUpSettingsSchema.optional(),
  imaging: z
    .strictObject({
      policy: z
        .union([z.string(), z.record(z.string(), z.unknown())])
        .optional()
        .describe('The policy, or the path of its file, relative to this one.'),
    })
    .optional(),
});

type ConfigurationFile = z.infer<typeof configurationSchema>;

/** Options that every command takes. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly data?: string;
  readonly config?: string;
  readonly project?: string;
  readonly site?: string;
  readonly user?: string;
  readonly workers?: string;
}

export interface Configuration {
  readonly json: boolean;
  readonly data: string;
  readonly out: string | undefined;
  readonly project: string;
  readonly site: string;
  readonly user: string;
  readonly workers: number | undefined;
  readonly maxPauseSeconds: number;
  readonly space: SpaceLimits;
  readonly watch: { readonly settleSeconds: number; readonly partialNames: readonly string[] };
  /** Absent: as the pipeline does it. */
  readonly copies: CopyRules | undefined;
  readonly log: {
    readonly format: 'tab' | 'json';
    readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
    readonly timeZone: string;
  };
  /** Absent: the embedded service. */
  readonly identity: IdentitySettings | undefined;
  /** What forms look up outside. */
  readonly forms: LookUpSettings;
  /** As it was given; the pipeline checks it. */
  readonly imagingPolicy: unknown;
}

const FILE_NAMES = ['lazaret.config.ts', 'lazaret.config.js', 'lazaret.config.json'];
const DEFAULT_MAX_PAUSE_SECONDS = 600;
const DEFAULT_SETTLE_SECONDS = 30;
const DEFAULT_ALARM_BYTES = 2_000_000_000;
const DEFAULT_PAUSE_BYTES = 200_000_000;

/** @throws ConfigurationMissing, ConfigurationInvalid */
export async function loadConfiguration(
  options: GlobalOptions,
  folder: string,
): Promise<Configuration> {
  const path = findFile(options, folder);
  const file = path === null ? {} : await readFile(path);
  const workers = options.workers === undefined ? file.workers : Number(options.workers);
  const given = check('the command line', {
    ...(options.project === undefined ? {} : { project: options.project }),
    ...(options.site === undefined ? {} : { site: options.site }),
    ...(options.user === undefined ? {} : { user: options.user }),
    ...(workers === undefined ? {} : { workers }),
  });
  const policy = file.imaging?.policy;
  return {
    json: options.json ?? false,
    data: resolve(folder, options.data ?? file.data ?? 'lazaret-data'),
    out: file.out === undefined ? undefined : resolve(folder, file.out),
    project: given.project ?? file.project ?? 'default',
    site: given.site ?? file.site ?? 'default',
    user: given.user ?? file.user ?? userInfo().username,
    workers: given.workers,
    maxPauseSeconds: file.maxPauseSeconds ?? DEFAULT_MAX_PAUSE_SECONDS,
    space: {
      alarmBytes: file.space?.alarmBytes ?? DEFAULT_ALARM_BYTES,
      pauseBytes: file.space?.pauseBytes ?? DEFAULT_PAUSE_BYTES,
      contact: file.space?.contact ?? 'whoever runs this machine',
    },
    watch: {
      settleSeconds: file.watch?.settleSeconds ?? DEFAULT_SETTLE_SECONDS,
      partialNames: file.watch?.partialNames ?? [],
    },
    copies: copyRules(file),
    log: {
      format: file.log?.format ?? 'tab',
      level: file.log?.level ?? 'info',
      timeZone: file.log?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    },
    identity: identityOf(file, folder),
    forms: formsOf(file, folder),
    imagingPolicy:
      typeof policy === 'string' && path !== null
        ? await readPolicy(resolve(dirname(path), policy), policy)
        : policy,
  };
}

/** The secret's file as an absolute path: another process may carry the command out. */
function identityOf({ identity }: ConfigurationFile, folder: string): IdentitySettings | undefined {
  if (identity?.kind !== 'http' || identity.tokenFile === undefined) return identity;
  return { ...identity, tokenFile: resolve(folder, identity.tokenFile) };
}

/** The same for the services that forms ask. */
function formsOf({ forms = {} }: ConfigurationFile, folder: string): LookUpSettings {
  const { identifiers, drugs } = forms;
  const located = <Settings extends { readonly tokenFile?: string | undefined }>(
    settings: Settings,
  ): Settings =>
    settings.tokenFile === undefined
      ? settings
      : { ...settings, tokenFile: resolve(folder, settings.tokenFile) };
  return {
    ...forms,
    ...(identifiers?.mode === 'http' ? { identifiers: located(identifiers) } : {}),
    ...(drugs === undefined ? {} : { drugs: located(drugs) }),
  };
}

/** Twenty gigabytes: what a project may well hold, and any disk has room for. */
const DEFAULT_COPIES_BYTES = 20_000_000_000;

function copyRules({ copies, copiesMaxBytes }: ConfigurationFile): CopyRules | undefined {
  if (copies === undefined && copiesMaxBytes === undefined) return undefined;
  return { keep: copies ?? 'onError', maxBytes: copiesMaxBytes ?? DEFAULT_COPIES_BYTES };
}

function findFile(options: GlobalOptions, folder: string): string | null {
  if (options.config !== undefined) {
    const path = resolve(folder, options.config);
    if (existsSync(path)) return path;
    throw cliCodes.fault('ConfigurationMissing', { file: options.config });
  }
  return FILE_NAMES.map((file) => resolve(folder, file)).find((path) => existsSync(path)) ?? null;
}

async function readFile(path: string): Promise<ConfigurationFile> {
  if (path.endsWith('.json')) return check(path, readJson(path, path));
  try {
    const loaded = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
    return check(path, loaded.default);
  } catch (error) {
    if (error instanceof Error && error.name === 'Fault') throw error;
    throw cliCodes.fault(
      'ConfigurationInvalid',
      { file: path, problems: ['it cannot be loaded as a module'] },
      { cause: error },
    );
  }
}

function check(file: string, given: unknown): ConfigurationFile {
  const parsed = configurationSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => {
    const path = issue.path.join('.');
    if (issue.code !== 'unrecognized_keys')
      return [`${path === '' ? 'it' : path}: ${issue.message}`];
    return issue.keys.map((key) => {
      const nearest = nearestName(key, knownKeys(issue.path.map(String)));
      const full = path === '' ? key : `${path}.${key}`;
      return `${full}: unknown${nearest === null ? '' : `; did you mean ${nearest}?`}`;
    });
  });
  throw cliCodes.fault('ConfigurationInvalid', { file, problems });
}

function knownKeys(path: readonly string[]): readonly string[] {
  if (path[0] === 'log') return ['format', 'level', 'timeZone'];
  if (path[0] === 'imaging') return ['policy'];
  if (path[0] === 'identity') return IDENTITY_SETTING_NAMES;
  if (path[0] === 'forms') return lookUpNames(path.slice(1));
  if (path[0] === 'space') return ['alarmBytes', 'pauseBytes', 'contact'];
  if (path[0] === 'watch') return ['settleSeconds', 'partialNames'];
  return Object.keys(configurationSchema.shape);
}
