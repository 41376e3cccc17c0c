import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { Socket, type AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { expect, it, jest } from '@jest/globals';
import { openWebSocketOn, socketBeneath } from './ws.js';

const OPEN = 1;
const CLOSING = 2;
const close = () => undefined;
const terminate = () => undefined;

const holding = (filed: unknown): Socket => Object.assign(new Socket(), { [Symbol('any')]: filed });

const { version } = createRequire(import.meta.url)('ws/package.json') as { version: string };

it(`ws ${version} files its WebSocket on the socket, under Symbol(websocket), while it is open, and has that as _socket`, async () => {
  const server = createServer().listen(0, '127.0.0.1');
  const webSockets = new WebSocketServer({ server });
  await once(server, 'listening');
  const accepted = once(server, 'upgrade') as Promise<[unknown, Socket]>;
  const connected = once(webSockets, 'connection') as Promise<[WebSocket]>;
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [[, socket], [webSocket]] = await Promise.all([accepted, connected, once(client, 'open')]);
  expect(openWebSocketOn(socket)).toBe(webSocket);
  const names = Object.getOwnPropertySymbols(socket).map(({ description }) => description);
  expect(names).toContain('websocket');
  expect(socketBeneath(webSocket)).toBe(socket);
  const closed = once(webSocket, 'close');
  client.close();
  await closed;
  expect(openWebSocketOn(socket)).toBeUndefined();
  server.close();
});

// Before it is said: it is said once in a process.
it('says nothing of a socket whose WebSocket is closed, or that another package has filed something on', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
  const closed = Object.assign(new Socket(), { [Symbol('websocket')]: undefined });
  expect([openWebSocketOn(closed), openWebSocketOn(holding({}))]).toEqual([undefined, undefined]);
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});

it('says once that it does not know what is filed there', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
  const socket = Object.assign(new Socket(), { [Symbol('websocket')]: { state: 'open' } });
  expect([openWebSocketOn(socket), openWebSocketOn(socket)]).toEqual([undefined, undefined]);
  expect(warn.mock.calls).toEqual([
    [expect.stringMatching(/^This version of ws /), { code: 'HTTP_POOL_WS' }],
  ]);
  warn.mockRestore();
});

it('finds nothing on a socket that ws has never had', () => {
  expect(openWebSocketOn(new Socket())).toBeUndefined();
});

it('finds what is open, and not what is closing', () => {
  const open = { readyState: OPEN, close, terminate };
  expect(openWebSocketOn(holding(open))).toBe(open);
  expect(openWebSocketOn(holding({ readyState: CLOSING, close, terminate }))).toBeUndefined();
});

it.each([
  ['state', { close, terminate }],
  ['close', { readyState: OPEN, terminate }],
  ['terminate', { readyState: OPEN, close }],
])('takes for no WebSocket what has no %s', (_missing, filed) => {
  expect(openWebSocketOn(holding(filed))).toBeUndefined();
});

it('says once that a WebSocket has no socket where it was looked for, and nothing of what is none', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
  const without = { readyState: OPEN, close, terminate };
  for (const each of [{}, undefined, without, without]) expect(socketBeneath(each)).toBeUndefined();
  expect(warn.mock.calls).toEqual([
    [expect.stringContaining('@Server()'), { code: 'HTTP_POOL_WS' }],
  ]);
  warn.mockRestore();
});
