import cluster from 'node:cluster';
import type { BindAddress } from '../../config/address/bind-address.js';
import { FIRST_FD } from '../../config/address/bind-path.js';

/**
 * The number of an inherited descriptor, by the name that the socket unit of systemd gives it
 * (`FileDescriptorName=`). Names and not numbers, for the order of several units is undefined.
 *
 * @throws Error with the code `EBADF` where there is none of that name for this process
 * @see https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html
 */
export function descriptorOf({ fd, fdName }: BindAddress, env = process.env): number {
  if (fd !== undefined) return fd;
  const { LISTEN_FDS: count, LISTEN_FDNAMES: names, LISTEN_PID: pid } = env;
  const known = (names ?? '').split(':').slice(0, Number(count ?? 0));
  if (count === undefined)
    throw missing(fdName, 'LISTEN_FDS is not set: no supervisor passed any on');
  if (pid !== undefined && !isMine(Number(pid))) {
    throw missing(
      fdName,
      `they were passed on to the process ${pid} (LISTEN_PID), and this one is ${process.pid}`,
    );
  }
  const index = known.indexOf(fdName ?? '');
  if (index >= 0) return FIRST_FD + index;
  throw missing(
    fdName,
    `the names are ${known.map((name) => `'${name}'`).join(', ') || 'none'} (LISTEN_FDNAMES)`,
  );
}

/** Closed with the servers on them: the system may have given their numbers to something else. */
const closed = new Set<number>();

/**
 * The number of an inherited descriptor that is still what the supervisor passed on.
 *
 * @throws Error with the code `EBADF` where there is none
 */
export function openDescriptorOf(bind: BindAddress): number {
  const fd = descriptorOf(bind);
  if (!closed.has(fd)) return fd;
  const why = 'it was closed when a server on it stopped, and is passed on once for each process';
  throw Object.assign(new Error(`the descriptor ${fd} is gone: ${why}`), { code: 'EBADF' });
}

/** A listener has closed the socket of that descriptor. */
export function descriptorClosed(fd: number): void {
  // What a worker closes its supervisor still has.
  if (!cluster.isWorker) closed.add(fd);
}

/** A worker asks the process that it was forked by, which holds the descriptors. */
function isMine(pid: number): boolean {
  return pid === process.pid || (cluster.isWorker && pid === process.ppid);
}

function missing(name: string | undefined, why: string): Error {
  const error = new Error(`no descriptor named '${name}' was passed on: ${why}`);
  return Object.assign(error, { code: 'EBADF' });
}
