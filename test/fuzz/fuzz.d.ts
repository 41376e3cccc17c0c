import type { Pool, PooledServer, serverOf, TlsOptions } from '../../lib/index.js';

export interface FuzzOptions {
  /** How many sequences. */
  runs: number;
  seed?: number;
  /** Of a failure, to replay the shrunk one. */
  path?: string;
  tls: TlsOptions;
  onSequence?(): void;
  timeLimitMs?: number;
}

export function runFuzz(
  library: { Pool: typeof Pool; PooledServer: typeof PooledServer; serverOf: typeof serverOf },
  options: FuzzOptions,
): Promise<{ runs: number; seed: number }>;
