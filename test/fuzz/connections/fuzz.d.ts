import type { DrivenProcess } from './driven-process.js';

export interface ConnectionFuzzOptions {
  seed: number;
  /** How many, beside those of the warm-up. */
  connections: number;
  /** The number of the first one, to replay a part of a run. */
  from?: number;
}

export function runConnectionFuzz(options: ConnectionFuzzOptions): Promise<{ faults: string[] }>;

/** The ports of its servers by their names. */
export function startApplication(driven: DrivenProcess): Promise<Map<string, number>>;
