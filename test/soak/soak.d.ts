/** How many changes of each kind were made, by server. */
export type ChangeCounts = Record<string, Record<string, number>>;

export interface SoakedServer {
  readonly name: string;
  readonly clients: number;
  readonly requests: number;
  readonly connections: number;
  /** How many handlers, and how many certificates, the clients saw. */
  readonly handlers: number;
  readonly certificates: number;
  /** What each request that failed failed with. */
  readonly failures: string[];
}

export interface SoakOutcome {
  readonly changes: ChangeCounts;
  readonly servers: SoakedServer[];
  readonly answered: number;
  /** The requests on which the records of both sides differ. */
  readonly difference: Record<string, string[]>;
  /** The servers that had to cut connections when they stopped. */
  readonly cut: string[];
  readonly losses: number;
}

export interface SoakOptions {
  readonly changes: number;
  /** Half of them keep their connections alive. */
  readonly clientsPerServer?: number;
  /** After so many changes one side stands still for up to half a second; never unless told. */
  readonly stallEvery?: number;
  readonly onProgress?: (changesMade: number) => void;
}

export function runSoak(
  library: Pick<typeof import('../../lib/index.js'), 'Pool'>,
  options: SoakOptions,
): Promise<SoakOutcome>;
