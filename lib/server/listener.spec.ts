import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { BindAddress } from '../config/bind-address.js';
import { Listener, type BoundAddress, type ListenerOwner } from './listener.js';

describe('a listener that closes gently', () => {
  const listeners: Listener[] = [];
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
        const socket = connect(port, '127.0.0.1').on('error', () => undefined);
        await new Promise((resolve) => socket.once('close', resolve));
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
    const closed = listener.closeGently();
    listener.owner = ownerWith(count);
    await closed;
    const waitedFor = accepted - before;
    expect(listener.listening).toBe(true);
    isOver = true;
    await clients;
    // One turn of the event loop, in which a few may come.
    expect(waitedFor).toBeLessThan(20);
  });

  it('closes when it has not, though clients never cease to come', async () => {
    let isOver = false;
    const [listener, port] = await bind((socket) => socket.destroy());
    const clients = crowd(port, 16, () => isOver);
    await listener.closeGently();
    expect(listener.listening).toBe(false);
    isOver = true;
    await clients;
  });
});
