/**
 * A call to a web service that takes and gives JSON. It is one attempt: retries, their time-outs
 * and the pause while a service is down are the engine's (`BatchContext.call`). It knows no service
 * in particular, and nothing of what is sent or answered gets into a fault.
 */
import { failureChain, faultOfAnswer } from '@lazaret/faults';
import { fault } from './codes.ts';
import { readCredential, type CredentialSettings, type Environment } from './credential.ts';

export interface JsonServiceOptions {
  /** What people call the service, e.g. `the identifier service`. */
  readonly dependency: string;
  readonly url: string;
  readonly credential: CredentialSettings;
  readonly env: Environment;
  readonly maxAnswerBytes: number;
}

export interface JsonService {
  /**
   * Sends a value and gives the value that is answered.
   *
   * @throws `CredentialUnusable`, `CredentialRefused`, `AnswerRedirects`, `AnswerNotJson`,
   *   `AnswerTooLarge`, `AnswerNotHttp`, the faults of HTTP statuses, and the network's own errors
   */
  post(value: unknown, signal: AbortSignal): Promise<unknown>;
  /**
   * Gives the value that is found under a path below the service's address, such as
   * `/rxcui/197361/historystatus.json`.
   *
   * @throws as `post` does
   */
  get(path: string, signal: AbortSignal): Promise<unknown>;
}

export function createJsonService(options: JsonServiceOptions): JsonService {
  return {
    post: (value, signal) =>
      ask(options, { method: 'POST', url: options.url, body: JSON.stringify(value) }, signal),
    get: (path, signal) =>
      ask(options, { method: 'GET', url: `${options.url.replace(/\/$/, '')}${path}` }, signal),
  };
}

interface Question {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly body?: string;
}

async function ask(
  options: JsonServiceOptions,
  question: Question,
  signal: AbortSignal,
): Promise<unknown> {
  const { dependency, credential, env } = options;
  const authorization = (): Promise<string | null> => readCredential(credential, env, dependency);
  const first = await authorization();
  let response = await send(options, question, first, signal);
  if (response.status === 401) {
    await discard(response);
    // Tokens are renewed by others while we work: what was read a moment ago may be the old one.
    const renewed = await authorization();
    const refused = (again: string): Error => fault('CredentialRefused', { dependency, again });
    if (renewed === null) throw refused('none is configured');
    // Sending the same one again would only bring an account nearer to being locked.
    if (renewed === first) throw refused('it had not changed');
    response = await send(options, question, renewed, signal);
    if (response.status === 401) {
      await discard(response);
      throw refused('the new one was refused, too');
    }
  }
  return readAnswer(options, response);
}

async function send(
  { dependency }: JsonServiceOptions,
  { method, url, body }: Question,
  authorization: string | null,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(authorization === null ? {} : { authorization }),
      },
      ...(body === undefined ? {} : { body }),
      // Identifiers and the credential go where the configuration says, and nowhere else.
      redirect: 'manual',
      signal,
    });
  } catch (error) {
    const parserError = parserErrorOf(error);
    if (parserError === null) throw error;
    // Without its cause: the parser's error carries the bytes that came.
    throw fault('AnswerNotHttp', { dependency, parserError });
  }
}

async function readAnswer(options: JsonServiceOptions, response: Response): Promise<unknown> {
  const { dependency } = options;
  const { status, headers } = response;
  const refusal = faultOfAnswer(status, dependency, headers.get('retry-after'));
  if (refusal !== null) {
    await discard(response);
    throw refusal;
  }
  if (status >= 300) {
    await discard(response);
    const target = redirectionTarget(options.url, headers.get('location'));
    throw fault('AnswerRedirects', { dependency, answer: status, target });
  }
  const bytes = await readLimited(options, response);
  const mediaType = mediaTypeOf(headers.get('content-type'));
  const notJson = (problem: string): Error =>
    fault('AnswerNotJson', { dependency, mediaType, problem, bytes: bytes.length });
  if (!/^application\/(?:[\w.-]+\+)?json$/.test(mediaType)) {
    throw notJson('it is not marked as JSON');
  }
  if (bytes.length === 0) throw notJson('it is empty');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    // The parser's own message quotes the text, which may name a patient: it is not passed on.
    throw notJson('its text is damaged or breaks off');
  }
}

/** The body, in full or not at all: the limit holds whatever length was announced. */
async function readLimited(
  { dependency, maxAnswerBytes }: JsonServiceOptions,
  response: Response,
): Promise<Buffer> {
  const tooLarge = (): Error => fault('AnswerTooLarge', { dependency, limitBytes: maxAnswerBytes });
  if (Number(response.headers.get('content-length') ?? 0) > maxAnswerBytes) {
    await discard(response);
    throw tooLarge();
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  const body: AsyncIterable<Uint8Array> | null = response.body;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > maxAnswerBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Lets go of an answer that nobody will read, so that its connection is free. */
async function discard(response: Response): Promise<void> {
  await response.body?.cancel();
}

function redirectionTarget(url: string, location: string | null): string {
  if (location === null || !URL.canParse(location, url)) return 'nowhere';
  return new URL(location, url).host === new URL(url).host ? 'the same host' : 'another host';
}

/** Only what has the form of a media type is shown: a header may hold anything. */
function mediaTypeOf(header: string | null): string {
  const text = header?.split(';')[0]?.trim().toLowerCase() ?? '';
  return /^[a-z0-9.+-]{1,40}\/[a-z0-9.+-]{1,60}$/.test(text) ? text : 'of no known type';
}

/** What Node's HTTP parser calls its failure, where it could not make sense of what came. */
function parserErrorOf(error: unknown): string | null {
  for (const failure of failureChain(error)) {
    if (!(failure instanceof Error)) continue;
    if (failure.name === 'HTTPParserError') return failure.name;
    const code: unknown = 'code' in failure ? failure.code : null;
    if (typeof code === 'string' && /^HPE_[A-Z_]{1,40}$/.test(code)) return code;
  }
  return null;
}
