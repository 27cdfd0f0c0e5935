/**
 * The command line beside a store that is open already, as on a machine where something works all
 * the time: what is typed goes through the grammar and the holder's socket, many times a second.
 */
import { Writable } from 'node:stream';
import { commandMap } from '../../src/cli/commands.ts';
import { program } from '../../src/cli/program.ts';
import { serveCommands } from '../../src/cli/socket.ts';
import { openApplication, type Application } from '../../src/main.ts';
import { makeHome, type Home } from '../cli/process.ts';

export interface Typed {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandLine {
  readonly home: Home;
  /** What holds the store, to look at what no command shows. */
  readonly application: Application;
  /** Types one command line; `columns` as on a terminal of that width. */
  type(args: readonly string[], columns?: number): Promise<Typed>;
  /** Types one that is to go well, and reads the document that it prints. */
  ask<Document>(...args: readonly string[]): Promise<Document>;
  /** Lets go of the store, so that another process can have it. */
  release(): Promise<void>;
  close(): Promise<void>;
}

export async function openCommandLine(): Promise<CommandLine> {
  const home = makeHome();
  const env = { LAZARET_CONFIG_DIR: home.keys, NO_COLOR: '1' };
  const application = await openApplication({
    ...{ dataFolder: home.data, env, command: 'a test', workers: 1, works: true },
    ...{ logFormat: 'tab', logLevel: 'error', timeZone: 'UTC' },
    writeLog: () => undefined,
    onKeyCreated: () => undefined,
  });
  const socket = application.store.lock?.holder.socket ?? '';
  const server = await serveCommands(application, socket, commandMap, new AbortController().signal);
  const type = async (args: readonly string[], columns?: number): Promise<Typed> => {
    const [stdout, stderr] = [collect(columns), collect()];
    const options = { env, folder: home.folder, stdout: stdout.stream, stderr: stderr.stream };
    const exit = await program([...args, '--data', home.data], options);
    return { exit, stdout: stdout.text(), stderr: stderr.text() };
  };
  const release = async (): Promise<void> => {
    await server.close();
    await application.close();
  };
  return {
    home,
    application,
    type,
    async ask<Document>(...args: readonly string[]): Promise<Document> {
      const typed = await type([...args, '--json']);
      if (typed.exit !== 0) throw new Error(typed.stderr);
      return JSON.parse(typed.stdout) as Document;
    },
    release,
    async close() {
      await release();
      home.remove();
    },
  };
}

function collect(columns?: number): {
  readonly stream: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly text: () => string;
} {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk.toString('utf8'));
      done();
    },
  });
  const shown = columns === undefined ? {} : { isTTY: true, columns };
  return { stream: Object.assign(stream, shown), text: () => chunks.join('') };
}
