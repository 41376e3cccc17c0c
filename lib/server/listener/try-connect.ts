import { connect, type NetConnectOpts } from 'node:net';

/**
 * Asks whether somebody listens at an address, by a connection that is let go at once.
 *
 * @returns the code of what went wrong; undefined where somebody listens
 */
export function tryConnect(destination: NetConnectOpts): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(destination);
    socket.once('error', ({ code = '' }: NodeJS.ErrnoException) => resolve(code));
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
  });
}
