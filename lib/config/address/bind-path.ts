import { resolve } from 'node:path';

type Reject = (fault: string) => never;

/** sun_path of sockaddr_un holds the path and its closing NUL; Node cuts a longer one silently. */
export const MAX_UNIX_PATH_BYTES = process.platform === 'linux' ? 107 : 103;
const MAX_FD = 2 ** 31 - 1;

/** The first descriptor that a supervisor passes on: 0 to 2 are the standard streams. */
export const FIRST_FD = 3;

/** Reads what follows `unix:` into an absolute path. */
export function parseUnixPath(text: string, reject: Reject): string {
  if (text === '') return reject("has no path, give 'unix:/path.sock'");
  if (text.includes('\0')) return reject('has a NUL character in its path');
  if (text.startsWith('@')) return reject('is an abstract socket, give the path of a file');
  if (text.endsWith('/')) return reject('is a folder, give the path of a socket file in it');
  const path = resolve(text);
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_UNIX_PATH_BYTES && process.platform !== 'win32') {
    return reject(`is a path of ${bytes} bytes, give one of at most ${MAX_UNIX_PATH_BYTES}`);
  }
  return path;
}

/** As systemd allows it: no colon, for it lies between the names. */
const FD_NAME = /^[A-Za-z_][\w.@-]{0,254}$/;

/** Reads what follows `fd:` into the number of an inherited descriptor, or its name. */
export function parseFd(text: string, reject: Reject): { fd: number } | { fdName: string } {
  if (FD_NAME.test(text)) return { fdName: text };
  const fd = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (!(fd <= MAX_FD)) {
    return reject("is no descriptor, give its number or its name, such as 'fd:3' or 'fd:web'");
  }
  if (fd < FIRST_FD) return reject('is a standard stream (0 to 2), give an inherited one from 3');
  return { fd };
}
