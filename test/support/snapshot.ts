import { expect } from '@jest/globals';
import type { Pool } from '../../lib/index.js';

/** What must not change when a change of a pool fails. */
export interface Snapshot {
  /** All that can be written down. */
  readonly json: string;
  /** The very same servers, in the same order, with the very same listeners. */
  readonly objects: readonly unknown[];
}

export function snapshot(pool: Pool): Snapshot {
  const servers = [...pool];
  const json = servers.map((server) => {
    const {
      uptime: _uptime,
      connections: _open,
      inFlight: _busy,
      requests: _count,
      ...stats
    } = server.stats();
    return { ...stats, config: server.config };
  });
  return {
    json: JSON.stringify(json, undefined, 2),
    objects: servers.flatMap((server) => [server, server.config, server.listener]),
  };
}

export function expectUnchanged(pool: Pool, before: Snapshot): void {
  const after = snapshot(pool);
  expect(after.json).toBe(before.json);
  expect(after.objects.length).toBe(before.objects.length);
  for (const [at, object] of after.objects.entries()) {
    // Not toBe: printing two listeners that differ would take the test minutes.
    expect(object === before.objects[at]).toBe(true);
  }
}
