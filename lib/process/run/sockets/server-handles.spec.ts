import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, it } from '@jest/globals';
import { createServerHandle, type ServerHandle } from './server-handles.js';

it(`Node ${process.version} still binds without listening, undocumented, by net._createServerHandle`, async () => {
  const request = { address: '127.0.0.1', port: 0, addressType: 4, fd: undefined, flags: 0 };
  const handle = createServerHandle(request) as ServerHandle;
  const bound: { port?: number } = {};
  expect(handle.getsockname(bound)).toBe(0);
  expect(bound.port).toBeGreaterThan(0);
  // What was bound is what a server listens on.
  const server = createServer().listen(handle as object);
  await once(server, 'listening');
  expect((server.address() as AddressInfo).port).toBe(bound.port);
  server.close();
  await once(server, 'close');
});
