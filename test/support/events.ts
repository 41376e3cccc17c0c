import { filter, firstValueFrom } from 'rxjs';
import type { Pool, PoolEvent } from '../../lib/index.js';

/** A promise and the function that resolves it: a handler can wait for its test, and back. */
export interface Gate<T = void> {
  readonly opened: Promise<T>;
  open(value: T): void;
}

export function gate<T = void>(): Gate<T> {
  let open: (value: T) => void = () => undefined;
  const opened = new Promise<T>((resolve) => (open = resolve));
  return { opened, open };
}

/** Resolves with the next event of the pool that is meant. */
export function waitFor(pool: Pool, isMeant: (event: PoolEvent) => boolean): Promise<PoolEvent> {
  return firstValueFrom(pool.events$.pipe(filter(isMeant)));
}

/** Every event of the pool from now on. */
export function record(pool: Pool): PoolEvent[] {
  const events: PoolEvent[] = [];
  pool.events$.subscribe((event) => events.push(event));
  return events;
}

/** What the work is rejected with; fails when it is not. */
export async function failure<E extends Error>(work: Promise<unknown>): Promise<E> {
  try {
    await work;
  } catch (error) {
    return error as E;
  }
  throw new Error('expected a rejection');
}

/** What the function throws; fails when it does not. */
export function thrown<E extends Error>(work: () => unknown): E {
  try {
    work();
  } catch (error) {
    return error as E;
  }
  throw new Error('expected an error');
}
