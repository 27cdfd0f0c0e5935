/**
 * The steps. A line is `key|id|text`, and the text says what is to go wrong with it: the tests
 * write their trouble into the data.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { faultOfAnswer } from '@lazaret/faults';
import {
  hold,
  pass,
  reject,
  skip,
  type BatchStep,
  type ItemStep,
} from '../../src/engine/pipeline.ts';
import { deliver as deliverFile } from '../../src/sinks/folder.ts';
import { linesCodes } from './codes.ts';
import type { CodedLine, Line, LineArrival, LinesTools } from './line.ts';

/** Stands for what may identify a patient: it must turn up nowhere in clear. */
export const CANARY = 'CANARY^PATIENT';

export const parse: ItemStep<LineArrival, Line, LinesTools> = {
  name: 'parse',
  apply(arrival, { item }) {
    const bytes = Buffer.alloc(arrival.length);
    const handle = openSync(arrival.file, 'r');
    try {
      readSync(handle, bytes, 0, bytes.length, arrival.offset);
    } finally {
      closeSync(handle);
    }
    const [key, id, text] = bytes.toString('utf8').split('|');
    if (key === undefined || id === undefined || text === undefined || key === '') {
      return reject(linesCodes.finding('LineBad', {}, { item, line: arrival.line }));
    }
    const digest = createHash('sha256').update(bytes).digest('hex');
    return pass({ ...arrival, key, id, text, digest });
  },
};

const hoard: unknown[] = [];

export const check: ItemStep<Line, Line, LinesTools> = {
  name: 'check',
  async apply(line, { item, tools }) {
    const { slowMs } = tools.configuration;
    if (slowMs > 0) await delay(slowMs);
    const place = { item, line: line.line };
    switch (line.text.split(' ')[0]) {
      case 'look':
        return hold(linesCodes.finding('LineNeedsLook', {}, place), line);
      case 'unwanted':
        return skip(linesCodes.finding('LineUnwanted', {}, place));
      case 'odd':
        return pass(
          line,
          linesCodes.finding('LineOdd', { length: line.text.length, text: line.text }, place),
        );
      case 'refused':
        // PostgreSQL keeps no NUL in a text: the store refuses the finding.
        return pass(line, linesCodes.finding('LineOdd', { length: '\0', text: '' }, place));
      case 'throw':
        throw new TypeError(`${CANARY}\n    at ${CANARY} (/source.ts:1:1)`);
      case 'exit':
        process.exit(3);
        break;
      case 'memory':
        while (hoard.length >= 0) hoard.push(new Array<number>(1_000_000).fill(Math.PI));
        break;
      default:
    }
    return pass(line);
  },
};

export const ask: BatchStep<Line, CodedLine, LinesTools> = {
  name: 'ask',
  async apply(members, { call, tools }) {
    const key = members[0]?.value.key ?? '';
    if (members.some(({ value }) => value.text.startsWith('batchthrow'))) {
      throw new RangeError(CANARY);
    }
    const code = await call('coding', async (signal) => {
      const url = `${tools.configuration.service}/code/${encodeURIComponent(key)}`;
      const answer = await fetch(url, { signal });
      const body = await answer.text();
      const fault = faultOfAnswer(answer.status, 'coding', answer.headers.get('retry-after'));
      if (fault !== null) throw fault;
      return body;
    });
    return {
      results: members.map(({ value }) => pass({ ...value, code })),
      qa: { lines: members.length },
    };
  },
};

export const write: BatchStep<CodedLine, CodedLine, LinesTools> = {
  name: 'write',
  async apply(members, { batch, effect, tools, recipe, signal }) {
    const content = members.map(({ value }) => `${value.id}|${value.text}\n`).join('');
    const digest = createHash('sha256').update(content).digest('hex');
    const key = `${members[0]?.value.code}/${recipe.slice(0, 8)}-${digest.slice(0, 16)}.txt`;
    const delivered = await effect({ kind: 'write-group', key, digest }, () =>
      deliverFile({
        folder: tools.configuration.out,
        key,
        attempt: `${batch.batch}-${batch.attempt}`,
        digest,
        signal,
        write: (stream) => stream.write(Buffer.from(content, 'utf8')),
      }),
    );
    return {
      results: members.map(({ value }) => pass(value)),
      deliveries: [
        {
          sink: 'folder',
          key,
          digest: delivered.digest,
          bytes: delivered.size,
          items: members.map(({ item }) => item),
        },
      ],
    };
  },
};

/** Fails behind the delivery where the data says so: what was delivered must then not count. */
export const confirm: BatchStep<CodedLine, CodedLine, LinesTools> = {
  name: 'confirm',
  apply(members) {
    if (members.some(({ value }) => value.text.startsWith('latethrow')))
      throw new RangeError(CANARY);
    return Promise.resolve({ results: members.map(({ value }) => pass(value)) });
  },
};
