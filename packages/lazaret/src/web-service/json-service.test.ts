import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCatalogue } from '@lazaret/faults';
import { catalogueDefects } from '@lazaret/faults/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { entries } from './codes.ts';
import { readCredential } from './credential.ts';
import { createJsonService } from './json-service.ts';

const DEPENDENCY = 'the identifier service';
const folder = mkdtempSync(join(tmpdir(), 'lazaret-web-'));
const tokenFile = join(folder, 'token');
const signal = new AbortController().signal;

let answer: (request: IncomingMessage, response: ServerResponse) => void;
let seen: (string | undefined)[] = [];
let url = '';
const server = createServer((request, response) => {
  seen.push(request.headers.authorization);
  request.resume().on('end', () => answer(request, response));
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/` : '';
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  seen = [];
  writeFileSync(tokenFile, 'old\n');
});

const post = (maxAnswerBytes = 1_000): Promise<unknown> =>
  createJsonService({
    dependency: DEPENDENCY,
    url,
    credential: { scheme: 'bearer', tokenFile },
    env: {},
    maxAnswerBytes,
  }).post({ a: 1 }, signal);

const json = { 'content-type': 'application/problem+json; charset=utf-8' };

it('has texts for its codes that follow the rules of the catalogue', () => {
  expect(catalogueDefects(createCatalogue(entries))).toEqual([]);
});

it('asks for what is found under a path, without a body', async () => {
  answer = (request, response) =>
    response
      .writeHead(200, json)
      .end(JSON.stringify([request.method, request.url, request.headers['content-type'] ?? null]));
  const service = createJsonService({
    ...{ dependency: DEPENDENCY, env: {}, maxAnswerBytes: 1_000 },
    url: `${url}REST/`,
    credential: { scheme: 'bearer', tokenFile },
  });
  expect(await service.get('/rxcui/7/status.json', signal)).toEqual([
    ...['GET', '/REST/rxcui/7/status.json', null],
  ]);
  expect(seen).toEqual(['Bearer old']);
});

describe('a call that gives JSON', () => {
  it('gives the value that was answered', async () => {
    answer = (_, response) => response.writeHead(200, json).end('{"b":2}');
    expect(await post()).toEqual({ b: 2 });
    expect(seen).toEqual(['Bearer old']);
  });

  it('reads the credential again after a 401, and asks once more where it has changed', async () => {
    answer = ({ headers }, response) => {
      if (headers.authorization === 'Bearer new') response.writeHead(200, json).end('1');
      else {
        writeFileSync(tokenFile, 'new');
        response.writeHead(401).end();
      }
    };
    expect(await post()).toBe(1);
    expect(seen).toEqual(['Bearer old', 'Bearer new']);
  });

  it('does not send a credential again that was refused', async () => {
    answer = (_, response) => response.writeHead(401).end();
    await expect(post()).rejects.toMatchObject({ code: 'CredentialRefused' });
    expect(seen).toHaveLength(1);
  });

  it('gives up where the renewed one is refused as well', async () => {
    answer = (_, response) => {
      writeFileSync(tokenFile, `renewed ${seen.length}`);
      response.writeHead(401).end();
    };
    await expect(post()).rejects.toMatchObject({
      code: 'CredentialRefused',
      parameters: { again: 'the new one was refused, too' },
    });
    expect(seen).toHaveLength(2);
  });

  it('follows no redirection, also not to the same host', async () => {
    for (const [location, target] of [
      ['/elsewhere', 'the same host'],
      ['https://login.example.org/', 'another host'],
      ['http://[', 'nowhere'],
    ] as const) {
      answer = (_, response) => response.writeHead(307, { location }).end();
      await expect(post()).rejects.toMatchObject({
        code: 'AnswerRedirects',
        parameters: { target, answer: 307 },
      });
    }
    expect(seen).toHaveLength(3);
  });

  it('reads no more than it is allowed to, whatever length was announced', async () => {
    const long = JSON.stringify('x'.repeat(2_000));
    answer = (_, response) => response.writeHead(200, json).end(long);
    await expect(post()).rejects.toMatchObject({ code: 'AnswerTooLarge' });
    answer = (_, response) => {
      response.writeHead(200, json).write(long);
      response.end();
    };
    await expect(post()).rejects.toMatchObject({ code: 'AnswerTooLarge' });
  });

  it('says of an answer that is no JSON what came, and nothing of it', async () => {
    for (const [type, body] of [
      ['text/html', '<b>Jane</b>'],
      ['application/json', '{"name":"Jane"'],
      ['application/json', ''],
      ['application/json', Buffer.from('"Jan\xe9"', 'latin1')],
      ['Jane/Doe Jane', '1'],
    ] as const) {
      answer = (_, response) => response.writeHead(200, { 'content-type': type }).end(body);
      const error: unknown = await post().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'AnswerNotJson' });
      expect(JSON.stringify(error)).not.toContain('Jan');
    }
  });

  it('passes statuses on as what they mean, with the wait that was asked for', async () => {
    answer = (_, response) => response.writeHead(429, { 'retry-after': '7' }).end('Jane');
    await expect(post()).rejects.toMatchObject({
      code: 'DependencyThrottled',
      parameters: { dependency: DEPENDENCY, retryAfter: '7' },
    });
  });
});

describe('a credential', () => {
  const read = (settings: Parameters<typeof readCredential>[0]): Promise<string | null> =>
    readCredential(settings, { TOKEN: 't', USER: 'me:pass', EMPTY: '', LINE: 'a\nb' }, DEPENDENCY);

  it('is read from a file or from the environment', async () => {
    expect(await read({ scheme: 'bearer', tokenFile })).toBe('Bearer old');
    expect(await read({ scheme: 'bearer', tokenEnv: 'TOKEN' })).toBe('Bearer t');
    expect(await read({ scheme: 'basic', tokenEnv: 'USER' })).toBe('Basic bWU6cGFzcw==');
    expect(await read({ scheme: 'bearer' })).toBeNull();
  });

  it.for([
    ['EMPTY', 'bearer', 'it is not set'],
    ['NOT_THERE', 'bearer', 'it is not set'],
    ['LINE', 'bearer', 'characters that no header may have'],
    ['TOKEN', 'basic', 'user:password'],
  ] as const)(
    'is refused with its place and without itself: %s as %s',
    async ([name, scheme, problem]) => {
      const error: unknown = await read({ scheme, tokenEnv: name }).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ code: 'CredentialUnusable' });
      expect(JSON.stringify(error)).toContain(problem);
      expect(JSON.stringify(error)).toContain(`environment variable ${name}`);
    },
  );

  it('is refused where its file is not there, blank or no secret', async () => {
    const gone = { scheme: 'bearer', tokenFile: join(folder, 'gone') } as const;
    await expect(read(gone)).rejects.toMatchObject({ code: 'CredentialUnusable' });
    for (const content of [' \n', 'x'.repeat(20_000)]) {
      writeFileSync(tokenFile, content);
      await expect(read({ scheme: 'bearer', tokenFile })).rejects.toMatchObject({
        code: 'CredentialUnusable',
      });
    }
  });
});
