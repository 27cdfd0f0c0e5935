import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The part of V8's .cpuprofile that is read here: a call tree, and which node was met when. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

export interface SelfTime {
  readonly name: string;
  /** File and line, or empty for V8 itself. */
  readonly place: string;
  readonly seconds: number;
  /** Of the time in which this kind of thread was not idle. */
  readonly share: number;
}

/** Where the time of one kind of thread went: the main thread, or those of one worker script. */
export interface ThreadProfile {
  readonly kind: string;
  readonly threads: number;
  readonly busySeconds: number;
  readonly idleSeconds: number;
  readonly top: readonly SelfTime[];
}

/** Reads what `node --cpu-prof` left in a folder: one file a thread, `CPU.….<pid>.<tid>.….cpuprofile`. */
export function readProfiles(folder: string, topCount = 25): ThreadProfile[] {
  const kinds = new Map<string, CpuProfile[]>();
  for (const file of readdirSync(folder).toSorted()) {
    if (!file.endsWith('.cpuprofile')) continue;
    const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile;
    const kind = kindOf(file, profile);
    kinds.set(kind, [...(kinds.get(kind) ?? []), profile]);
  }
  return [...kinds].map(([kind, profiles]) => sumUp(kind, profiles, topCount));
}

/** A worker is named by the first file of the project that it ran, which is its own script. */
function kindOf(file: string, profile: CpuProfile): string {
  const thread = Number(file.split('.').at(-3));
  const script = profile.nodes.find(
    ({ callFrame }) => callFrame.url.startsWith('file:') && !callFrame.url.includes('node_modules'),
  );
  const name = script === undefined ? 'unknown' : basename(script.callFrame.url);
  return `${thread === 0 ? 'main' : 'worker'} ${name}`;
}

function sumUp(kind: string, profiles: readonly CpuProfile[], topCount: number): ThreadProfile {
  const selfSeconds = new Map<string, number>();
  let idleSeconds = 0;
  let busySeconds = 0;
  for (const { nodes, samples, timeDeltas } of profiles) {
    const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
    for (const [index, id] of samples.entries()) {
      const frame = frames.get(id);
      if (frame === undefined) continue;
      const seconds = (timeDeltas[index] ?? 0) / 1e6;
      if (frame.functionName === '(idle)') {
        idleSeconds += seconds;
        continue;
      }
      busySeconds += seconds;
      const place =
        frame.url === '' ? '' : `${placeOf(frame.url)}:${Math.max(1, frame.lineNumber + 1)}`;
      const key = `${frame.functionName || '(anonymous)'}\n${place}`;
      selfSeconds.set(key, (selfSeconds.get(key) ?? 0) + seconds);
    }
  }
  const top = [...selfSeconds]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, topCount)
    .map(([key, seconds]) => {
      const [name = '', place = ''] = key.split('\n');
      return { name, place, seconds, share: busySeconds === 0 ? 0 : seconds / busySeconds };
    });
  return { kind, threads: profiles.length, busySeconds, idleSeconds, top };
}

const ROOT = new URL('../', import.meta.url).href;

/** Relative to the workspace or to the packages installed, so that no path of a machine is printed. */
function placeOf(url: string): string {
  const installed = url.lastIndexOf('/node_modules/');
  if (installed >= 0) return url.slice(installed + 1);
  return url.startsWith(ROOT) ? url.slice(ROOT.length) : basename(url);
}
