/**
 * The parts of the bench, in their order: each is `bench/<name>/<name>.bench.js`. In the short form are those that
 * compare ratios in less than a minute, and install nothing but what their peers are.
 */
export const parts = {
  request: { isShort: true },
  pipelining: {},
  nest: {},
  feature: {},
  metrics: {},
  'express-http2': {},
  servers: { isShort: true },
  growth: { isShort: true },
  lookup: { isShort: true },
  apply: { isShort: true },
  'idle-stop': { isShort: true },
  'accept-queue': { isShort: true },
  block: {},
  swap: {},
  memory: {},
  import: {},
};
