import { expect, it } from '@jest/globals';
import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { Liveness } from './http2-liveness.js';

/** A PING, or its answer. */
const pingBytes = 17;

it.each([
  ['sooner than the next PING is due', 1],
  ['later than that', 6],
  ['much later', 14],
])('asks no more when a client has answered that answers %s', (_when, looksLater) => {
  const socket = { bytesRead: 100, bytesWritten: 100, _handle: null };
  const answers: { at: number; answer: () => void }[] = [];
  let sent = 0;
  let look = 0;
  const session = {
    ping(answered: (error: null) => void): boolean {
      sent += 1;
      socket.bytesWritten += pingBytes;
      answers.push({ at: look + looksLater, answer: () => answered(null) });
      return true;
    },
  };
  const liveness = new Liveness(
    session as unknown as ServerHttp2Session,
    socket as unknown as Socket,
  );
  const begunAt = performance.now();
  const limits = { frameMs: 30_000, everyMs: 1000, silenceMs: 30_000 };
  const lookUntil = (last: number): void => {
    for (; look < last; look += 1) {
      while (answers[0] && answers[0].at <= look) {
        socket.bytesRead += pingBytes;
        answers.shift()?.answer();
      }
      const now = begunAt + look * 250;
      expect(liveness.look(now, limits, { isOpen: false, isSending: () => false })).toBe(true);
    }
  };
  lookUntil(50);
  const sentSoon = sent;
  expect(sentSoon).toBeGreaterThan(0);
  lookUntil(100);
  expect(sent).toBe(sentSoon);
});
