import { describe, expect, it } from '@jest/globals';
import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { Liveness } from './http2-liveness.js';

/** A PING, or its answer. */
const pingBytes = 17;

/** Four looks before a PING is due. */
const limits = { frameMs: 30_000, everyMs: 1000, silenceMs: 30_000 };
const lookMs = 250;

/** A session whose client answers each PING so many looks later. */
const answeredAfter = (looksLater: number) => {
  const nothing = (): void => undefined;
  const handle = { readStop: nothing, readStart: nothing, bytesWritten: 100, writeQueueSize: 0 };
  const socket = { bytesRead: 100, bytesWritten: 100, _handle: handle };
  const answers: { at: number; answer: () => void }[] = [];
  let sent = 0;
  let isBroken = false;
  let look = 0;
  const session = {
    ping(answered: (error: null) => void): boolean {
      if (isBroken) return true;
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
  return {
    sent: () => sent,
    answers,
    /** It says that it has sent a PING, as Node 20 does, and neither sends nor reads. */
    breakOff: () => {
      isBroken = true;
      answers.length = 0;
    },
    isAliveAtNextLook: (): boolean => {
      while (answers[0] && answers[0].at <= look) {
        socket.bytesRead += pingBytes;
        answers.shift()?.answer();
      }
      const now = begunAt + look * lookMs;
      look += 1;
      return liveness.look(now, limits, { isOpen: false, isSending: () => false });
    },
  };
};

describe('PINGs', () => {
  it.each([
    ['sooner than the next PING is due', 1],
    ['later than that', 6],
    ['much later', 14],
  ])('are no more when a client has answered that answers %s', (_when, looksLater) => {
    const { isAliveAtNextLook, sent } = answeredAfter(looksLater);
    const lookOften = (): void => {
      for (let times = 0; times < 50; times += 1) expect(isAliveAtNextLook()).toBe(true);
    };
    lookOften();
    const sentSoon = sent();
    expect(sentSoon).toBeGreaterThan(0);
    lookOften();
    expect(sent()).toBe(sentSoon);
  });

  it.each([
    ['answered none of them', 0],
    ['answered the first of them', 1],
  ])('find a session that has broken off when its client had %s', (_what, answered) => {
    const { isAliveAtNextLook, answers, breakOff } = answeredAfter(10);
    while (answers.length < 2) expect(isAliveAtNextLook()).toBe(true);
    const open = answers.length - answered;
    while (answers.length > open) expect(isAliveAtNextLook()).toBe(true);
    breakOff();
    let looks = 1;
    while (isAliveAtNextLook()) looks += 1;
    expect(looks * lookMs).toBeLessThan(limits.frameMs / 4);
  });
});
