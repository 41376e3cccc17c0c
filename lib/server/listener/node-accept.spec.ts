import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { acceptHandle, pauseAccepted } from './node-accept.js';

const closers: (() => unknown)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

describe(`Node ${process.version} still has, undocumented,`, () => {
  it('servers that read anew for each connection whether to pause it: server.pauseOnConnect', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    closers.push(() => server.close());
    await once(server, 'listening');
    const accept = async (): Promise<Socket> => {
      const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
      closers.push(() => client.destroy());
      const [accepted] = (await once(server, 'connection')) as [Socket];
      closers.push(() => accepted.destroy());
      await new Promise<void>((resolve) => client.write('hello', () => resolve()));
      return accepted;
    };
    pauseAccepted(server, true);
    const paused = await accept();
    pauseAccepted(server, false);
    const read = await accept();
    while (read.bytesRead === 0) await new Promise(setImmediate);
    // Its bytes came first, and were not read: a server that listens for them gets them now.
    expect(paused.bytesRead).toBe(0);
    const heard = once(paused, 'data');
    paused.resume();
    expect(String((await heard)[0])).toBe('hello');
  });
});

it('says once that connections of other processes can not be accepted, and that none can be paused', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
  const server = { _handle: {} };
  for (const each of [{ _handle: null }, server, server])
    acceptHandle(each as unknown as Server, {});
  for (const each of [createServer(), {}, {}]) pauseAccepted(each, true);
  expect(warn.mock.calls).toEqual([
    [expect.stringContaining('accepts connections'), { code: 'HTTP_POOL_NODE' }],
    [expect.stringContaining('has no pauseOnConnect'), { code: 'HTTP_POOL_NODE' }],
  ]);
  warn.mockRestore();
});
