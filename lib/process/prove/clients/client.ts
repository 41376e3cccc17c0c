import { setTimeout as delay } from 'node:timers/promises';
import { Connection, type ConnectFault } from './connection.js';
import type { Exchange, Line, Message } from './exchange.js';
import { Http1Line } from './http1-line.js';
import { Http2Line } from './http2-line.js';
import type { Ledger } from '../ledger.js';
import type { Target } from '../target.js';
import { WebSocketClient } from './web-socket.js';

/** How a client behaves. */
export interface Role {
  readonly name: string;
  readonly protocols: readonly string[];
  readonly message: Message;
  /** Keeps its connection for the next request; else each request has a new one. */
  readonly keeps: boolean;
  /** So many requests at once on one connection. */
  readonly atOnce: number;
  /** The longest of its pauses between requests, in ms. Half of them are at most a tenth of it. */
  readonly pauseMs: number;
  /** Its latency counts for the report. */
  readonly timed: boolean;
}

const GET: Message = { method: 'GET' };
const UPLOAD: Message = { method: 'POST', upload: { pieces: 8, pieceBytes: 2048, gapMs: 60 } };
const SLOW_READ: Message = { method: 'GET', slowly: true };

const http1 = { protocols: ['http/1.1'], keeps: false, atOnce: 1, pauseMs: 60, timed: false };
const http2 = { ...http1, protocols: ['h2', 'http/1.1'] };

/** In the order in which clients are dealt their roles. */
export const ROLES = {
  'keep-alive': {
    ...http1,
    name: 'keep-alive',
    message: GET,
    keeps: true,
    pauseMs: 600,
    timed: true,
  },
  h2: { ...http2, name: 'h2', message: GET, keeps: true, atOnce: 3, pauseMs: 600, timed: true },
  'new-connection': { ...http1, name: 'new-connection', message: GET, timed: true },
  upload: { ...http1, name: 'upload', message: UPLOAD },
  'slow-reader': { ...http1, name: 'slow-reader', message: SLOW_READ },
  'h2-upload': { ...http2, name: 'h2-upload', message: UPLOAD, keeps: true },
  'h2-slow-reader': { ...http2, name: 'h2-slow-reader', message: SLOW_READ, keeps: true },
  websocket: { ...http1, name: 'websocket', message: GET, pauseMs: 100 },
} satisfies Record<string, Role>;

export type RoleName = keyof typeof ROLES;

/** Opens a connection in a role; a fault has the form of a request that never left. */
export async function openConnection(target: Target, role: Role): Promise<Connection | Exchange> {
  const connection = new Connection(target, role.protocols);
  const fault = await connection.open();
  return fault ? notSent(connection, fault) : connection;
}

export function lineOver(connection: Connection, message: Message, onIdleReset: () => void): Line {
  return connection.isHttp2
    ? new Http2Line(connection, message, onIdleReset)
    : new Http1Line(connection, onIdleReset);
}

/** One client in its role, until `signal` aborts; what it has begun then is finished and counted. */
export async function runClient(
  target: Target,
  role: Role,
  ledger: Ledger,
  signal: AbortSignal,
): Promise<void> {
  let line: Line | undefined;
  while (!signal.aborted) {
    if (role.name === 'websocket') await holdWebSocket(target, role, ledger, signal);
    else line = await sendOne(line, target, role, ledger);
    await pause(role.pauseMs, signal);
  }
  line?.close();
}

async function sendOne(
  kept: Line | undefined,
  target: Target,
  role: Role,
  ledger: Ledger,
): Promise<Line | undefined> {
  const line = kept?.usable ? kept : await openLine(target, role, ledger);
  if (line !== kept) kept?.close();
  if (!line) return undefined;
  const sent = Array.from({ length: role.atOnce }, () => line.exchange(role.message));
  for (const exchange of await Promise.all(sent)) {
    if (exchange) ledger.request(exchange, role);
  }
  if (role.keeps && line.usable) return line;
  line.close();
  return undefined;
}

async function openLine(target: Target, role: Role, ledger: Ledger): Promise<Line | undefined> {
  const connection = await openConnection(target, role);
  if (connection instanceof Connection) {
    return lineOver(connection, role.message, () =>
      ledger.connection('idle-reset', role.name, connection),
    );
  }
  ledger.request(connection, role);
  return undefined;
}

async function holdWebSocket(
  target: Target,
  role: Role,
  ledger: Ledger,
  signal: AbortSignal,
): Promise<void> {
  const connection = await openConnection(target, role);
  if (!(connection instanceof Connection)) {
    ledger.request(connection, role);
    return;
  }
  const client = new WebSocketClient(connection, role.message);
  const opening = await client.open();
  const neverBegun = opening.lost !== undefined && opening.sent === 'nothing';
  if (!neverBegun) ledger.request(opening, role);
  else if (connection.fault) ledger.request({ ...opening, lost: 'connect-reset' }, role);
  if (client.isOpen) {
    const lifeMs = 100 + Math.round(Math.random() * 3000);
    const end = await client.held(AbortSignal.any([signal, AbortSignal.timeout(lifeMs)]));
    if (end === 'reset') {
      const { begunAt, fault } = connection;
      ledger.connection('websocket-reset', role.name, { begunAt, fault, id: opening.id });
    }
    if (end === 'fin') ledger.webSocketCut();
    // Lets the close frame leave.
    await delay(10);
  }
  client.close();
}

async function pause(longestMs: number, signal: AbortSignal): Promise<void> {
  const isLong = Math.random() < 0.5;
  const ms = Math.random() * (isLong ? longestMs : longestMs / 10);
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

function notSent(connection: Connection, { kind, error }: ConnectFault): Exchange {
  return {
    lost: kind,
    beganAt: connection.begunAt,
    endedAt: performance.now(),
    connectionBegunAt: connection.begunAt,
    sent: 'nothing',
    received: 'nothing',
    error,
  };
}
