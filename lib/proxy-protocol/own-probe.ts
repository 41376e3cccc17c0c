import { randomBytes, timingSafeEqual } from 'node:crypto';
import { blockStart } from './proxy-header.js';

/** Of a kind that the protocol leaves to applications. */
const ownType = 0xe0;

/** Made when it is needed; nobody else on this machine can know it. */
let secret: Buffer | undefined;

function ownData(): Buffer {
  secret ??= randomBytes(32);
  return Buffer.concat([Buffer.from([ownType, 0, secret.length]), secret]);
}

/** What a check of the pool's own sends first where a header is required: it comes from no balancer. */
export function ownProbeHeader(): Buffer {
  const data = ownData();
  // Version 2, LOCAL, unspecified.
  const head = Buffer.from([0x20, 0x00, data.length >> 8, data.length & 0xff]);
  return Buffer.concat([blockStart, head, data]);
}

/** Whether the data of a LOCAL header is that of a check of this process. */
export function isOwnProbe(data: Buffer | undefined): boolean {
  const own = ownData();
  return data?.length === own.length && timingSafeEqual(data, own);
}
