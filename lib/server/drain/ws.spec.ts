import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { Socket, type AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { expect, it, jest } from '@jest/globals';
import { openWebSocketOn } from './ws.js';

const { version } = createRequire(import.meta.url)('ws/package.json') as { version: string };

it(`ws ${version} files its WebSocket on the socket, under Symbol(websocket), while it is open`, async () => {
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
  const closed = once(webSocket, 'close');
  client.close();
  await closed;
  expect(openWebSocketOn(socket)).toBeUndefined();
  server.close();
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
