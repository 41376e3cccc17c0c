import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BindAddress } from '../../config/address/bind-address.js';
import type { BoundAddress } from '../../config/address/bound-address.js';
import { handleOf } from '../transport/node/node-handle.js';
import { Listener, type ListenerOwner } from './listener.js';

it('adopts a connection of another process, by server._handle.onconnection, within its limit', async () => {
  const accepted: [Socket, object | undefined][] = [];
  const refused = jest.fn();
  const owner: ListenerOwner = {
    accept: (...each) => void accepted.push([each[0], each[1]]),
    adopts: (facts) => 'isKnown' in facts,
    refused,
    listenerDied: () => undefined,
  };
  const listener = await Listener.bind(BindAddress.parse('127.0.0.1:0'), owner, {
    maxConnections: 1,
  });
  // Another server stands for the other process.
  const other = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const client = connect((other.address() as AddressInfo).port, '127.0.0.1');
  const [theirs] = (await once(other, 'connection')) as [Socket];
  const handle = handleOf(theirs) as object;

  expect(listener.adopt(handle, {})).toBe(false);
  expect(listener.adopt(handle, { isKnown: true })).toBe(true);
  expect(accepted.map(([, facts]) => facts)).toEqual([{ isKnown: true }]);
  expect(listener.adopt({ close: () => undefined }, { isKnown: true })).toBe(false);
  expect(refused).not.toHaveBeenCalled();
  listener.close();
  expect(listener.adopt(handle, { isKnown: true })).toBe(false);
  expect(accepted).toHaveLength(1);

  accepted[0]![0].end('of the adopter');
  expect(String(await once(client, 'data'))).toBe('of the adopter');
  client.destroy();
  other.close();
});

describe('a listener that closes gently', () => {
  const listeners: Listener[] = [];
  let failures: (string | undefined)[] = [];
  beforeEach(() => void (failures = []));
  afterEach(() => listeners.splice(0).forEach((listener) => listener.close()));

  const ownerWith = (accept: (socket: Socket) => void): ListenerOwner => {
    return { accept, listenerDied: () => undefined };
  };

  const bind = async (accept: (socket: Socket) => void): Promise<[Listener, number]> => {
    const listener = await Listener.bind(BindAddress.parse('127.0.0.1:0'), ownerWith(accept));
    listeners.push(listener);
    return [listener, (listener.address as BoundAddress & { port: number }).port];
  };

  /** As many clients at a time as it is told, who connect again as soon as they are accepted. */
  const crowd = (port: number, clients: number, isOver: () => boolean): Promise<unknown> => {
    const run = async (): Promise<void> => {
      while (!isOver()) {
        const socket = connect(port, '127.0.0.1');
        socket.on('error', ({ code }: NodeJS.ErrnoException) => failures.push(code));
        await closed(socket.resume());
      }
    };
    return Promise.all(Array.from({ length: clients }, run));
  };

  it('waits for no accept queue when it has changed hands, and stays open', async () => {
    let accepted = 0;
    let isOver = false;
    const count = (socket: Socket): void => {
      accepted += 1;
      socket.destroy();
    };
    const [listener, port] = await bind(count);
    const clients = crowd(port, 16, () => isOver);
    while (accepted === 0) await new Promise(setImmediate);
    const before = accepted;
    const closed = listener.stop();
    listener.handTo(ownerWith(count));
    await closed;
    const waitedFor = accepted - before;
    expect(listener.listening).toBe(true);
    isOver = true;
    await clients;
    // A crowd that never ends has a queue waited for up to 512 of it; here a turn or two of the event loop.
    expect(waitedFor).toBeLessThan(256);
  });

  it('serves who waits in the queue once it is closed, so that a crowd that comes again is not lost', async () => {
    let isOver = false;
    const open: boolean[] = [];
    const [listener, port] = await bind((socket) => {
      open.push(listener.listening);
      socket.destroy();
    });
    const clients = crowd(port, 16, () => isOver);
    while (open.length < 100) await new Promise(setImmediate);
    const before = open.length;
    await listener.stop();
    expect(open.slice(before)).not.toContain(true);
    isOver = true;
    await clients;
    // A refused client knows that nobody has heard of it; a reset one does not.
    expect(failures.filter((code) => code !== 'ECONNREFUSED')).toEqual([]);
  });

  it('closes though new clients never cease to come', async () => {
    let accepted = 0;
    const [listener, port] = await bind((socket) => {
      accepted += 1;
      socket.destroy();
    });
    const flood: Socket[] = [];
    const pour = setInterval(() => {
      for (let count = 0; count < 5; count += 1) {
        flood.push(
          connect(port, '127.0.0.1')
            .on('error', () => undefined)
            .resume(),
        );
      }
    });
    while (accepted < 50) await new Promise(setImmediate);
    await listener.stop();
    clearInterval(pour);
    expect(listener.listening).toBe(false);
    for (const socket of flood) socket.destroy();
    await Promise.all(flood.map(closed));
  });

  it('forgets a client that is gone by the time it would be served', async () => {
    const heard: string[] = [];
    const [listener, port] = await bind((socket) => {
      heard.push(listener.listening ? 'open' : 'closed');
      socket.on('error', () => undefined).destroy();
    });
    const closing = listener.stop();
    const client = connect(port, '127.0.0.1').on('error', () => undefined);
    client.once('connect', () => client.resetAndDestroy());
    await closing;
    await closed(client);
    expect(heard).not.toContain('open');
    expect(listener.listening).toBe(false);
  });
});

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) =>
    socket.closed ? resolve() : socket.once('close', () => resolve()),
  );
}
