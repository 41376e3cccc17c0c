/**
 * The clients, in a process of their own. They retry nothing, and note every request that failed.
 * The parent sends the targets, later `end`; the answer is every client's record.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Http1Client } from './http1-client.js';
import { Http2Client } from './http2-client.js';
import { answerTo, uploadOf } from './exchange.js';

/** What takes longer than this is lost. */
const answerLimitMs = 20_000;

let ended = false;

async function run({ client, target, keepsAlive, ca }) {
  const Client = target.http2 ? Http2Client : Http1Client;
  const connection = new Client(target, { keepsAlive, ca });
  const record = { client, target: target.name, issued: 0, failed: [], failures: [] };
  const seen = { versions: new Set(), certificates: new Set() };
  while (!ended) {
    // Several at once show what one at a time does not: a stream opened beside another.
    const together = target.http2 && keepsAlive ? 1 + (record.issued % 3) : 1;
    const numbers = Array.from({ length: together }, () => record.issued++);
    await Promise.all(
      numbers.map(async (number) => {
        const failure = await exchange(connection, `${client}-${number}`, seen).catch(
          (error) => error,
        );
        if (failure === undefined) return;
        // A failure without any input or output must not keep the loop from turning.
        await nextTurn();
        record.failed.push(number);
        record.failures.push(nameOf(failure));
      }),
    );
  }
  connection.close();
  return {
    ...record,
    connections: connection.connections,
    versions: [...seen.versions],
    certificates: [...seen.certificates],
  };
}

/** Of a stream that was reset the code says nothing, and the message says by which code. */
function nameOf({ code, message }) {
  const [reset] = /NGHTTP2_\w+/.exec(message) ?? [];
  return reset ?? code ?? message;
}

async function exchange(connection, id, seen) {
  const signal = AbortSignal.timeout(answerLimitMs);
  const delayMs = Math.random() < 0.5 ? 0 : Math.ceil(Math.random() * 20);
  const headers = { 'x-id': id, 'x-delay': String(delayMs) };
  const { status, version, body, certificate } = await connection.post(
    headers,
    uploadOf(id),
    signal,
  );
  if (status !== 200) throw new Error(`status ${status}`);
  const expected = answerTo(id);
  if (!body.equals(expected)) {
    throw new Error(body.length < expected.length ? 'truncated' : 'another answer');
  }
  seen.versions.add(version);
  if (certificate !== undefined) seen.certificates.add(certificate);
}

process.on('message', async (message) => {
  if (message === 'end') {
    ended = true;
    return;
  }
  const { targets, clientsPerTarget, ca } = message;
  const clients = targets.flatMap((target, index) =>
    Array.from({ length: clientsPerTarget }, (_, number) =>
      run({
        client: index * clientsPerTarget + number,
        target,
        keepsAlive: number % 2 === 0,
        ca,
      }),
    ),
  );
  const records = await Promise.all(clients);
  process.send(records, () => process.disconnect());
});
