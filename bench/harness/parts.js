/**
 * The parts of the bench, in their order: each is `bench/<name>/<name>.bench.js`. In the short form are those that
 * hold on any machine: no absolute time is judged, and the criteria are far from what is measured, or near 1.
 */
export const parts = {
  request: { isShort: true },
  pipelining: {},
  nest: {},
  feature: {},
  metrics: {},
  'express-http2': {},
  servers: {},
  growth: { isShort: true },
  lookup: { isShort: true },
  apply: { isShort: true },
  'idle-stop': {},
  'accept-queue': { isShort: true },
  block: {},
  swap: {},
  memory: {},
  import: {},
};
