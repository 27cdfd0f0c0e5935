/** The service of the lines pipeline: a real HTTP server that can be told to misbehave. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

export interface CodingService {
  readonly url: string;
  /** How the next answers are given; a function decides by the key and the call's number. */
  behave(how: Behaviour | ((key: string, call: number) => Behaviour)): void;
  readonly calls: () => number;
  close(): Promise<void>;
}

export type Behaviour = 'well' | 'fails' | 'hangs' | 'throttles' | 'refuses' | 'breaks';

export async function startCodingService(): Promise<CodingService> {
  let calls = 0;
  let how: (key: string, call: number) => Behaviour = () => 'well';
  const server = createServer((request, response) => {
    calls += 1;
    const key = decodeURIComponent(request.url?.split('/').at(-1) ?? '');
    const behaviour = how(key, calls);
    switch (behaviour) {
      case 'well':
        response.end(`c${createHash('sha256').update(key).digest('hex').slice(0, 8)}`);
        return;
      case 'fails':
        response.writeHead(503).end();
        return;
      case 'throttles':
        response.writeHead(429, { 'retry-after': '1' }).end();
        return;
      case 'refuses':
        response.writeHead(422).end();
        return;
      case 'breaks':
        request.socket.destroy();
        break;
      case 'hangs':
        break;
      default:
        behaviour satisfies never;
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port was to be had.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    behave(given) {
      how = typeof given === 'function' ? given : () => given;
    },
    calls: () => calls,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
