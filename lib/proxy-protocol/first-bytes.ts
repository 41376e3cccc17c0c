import type { Socket } from 'node:net';

/** What is looked for at the begin of a connection. */
interface FirstBytes<T> {
  /**
   * Reads what has come so far.
   *
   * @returns undefined when more is needed; else what was found, and how many bytes it took away
   */
  readonly read: (bytes: Buffer) => { readonly value: T; readonly taken: number } | undefined;
  /** How long the client may take, in ms; 0 is for ever. */
  readonly timeoutMs: number;
  /** Told when that was too long, and the socket is destroyed. */
  readonly givenUp?: () => void;
}

/**
 * Reads the first bytes of a connection before anything else does, and puts back what it did not
 * take. A client that sends too little, or ends before, is none: its socket is destroyed.
 *
 * @param found Called at most once
 */
export function readFirstBytes<T>(
  socket: Socket,
  { read, timeoutMs, givenUp }: FirstBytes<T>,
  found: (value: T) => void,
): void {
  let bytes: Buffer = Buffer.alloc(0);
  const giveUp = (): void => void socket.destroy();
  const expire = (): void => {
    giveUp();
    givenUp?.();
  };
  const timer = timeoutMs > 0 ? setTimeout(expire, timeoutMs) : undefined;
  const letGo = (): void => {
    clearTimeout(timer);
    socket.off('readable', look).off('end', giveUp).off('close', letGo);
    // The next owner comes with listeners of its own; until then a reset must not be thrown.
    process.nextTick(() => socket.off('error', giveUp));
  };
  const look = (): void => {
    for (let chunk: Buffer | null; (chunk = socket.read() as Buffer | null) !== null;) {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    }
    const result = bytes.length === 0 ? undefined : read(bytes);
    if (result === undefined) return;
    letGo();
    if (result.taken < bytes.length) socket.unshift(bytes.subarray(result.taken));
    found(result.value);
  };
  socket.on('readable', look).on('end', giveUp).on('error', giveUp).on('close', letGo);
}
