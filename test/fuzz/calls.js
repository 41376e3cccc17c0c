/** The calls that a sequence is made of, as plain data, and what each of them does. */
import { request } from 'node:http';
import fc from 'fast-check';
import { names } from './world.js';

const index = fc.nat(9);
const options = fc.record({
  name: fc.constantFrom(...names),
  listen: fc.nat(7),
  more: fc.constantFrom(
    {},
    {},
    {},
    { readTimeout: 9000 },
    { maxHandlers: 3 },
    { protocol: 'http2' },
    { disabled: true },
    { tls: { inheritDefault: true } },
    { handlerKey: 'other' },
    { handlerKey: 'nobody' },
    { restart: { retries: 2, delay: 1, maxDelay: 2 } },
    { restart: { delay: 1, maxDelay: 2 } },
    { shutdown: { delay: 3 } },
    { shutdown: { last: true } },
    { monitor: { name: 'm' } },
    { unreadable: 'listen' },
    { unreadable: 'tls' },
  ),
});
const list = fc.uniqueArray(options, { maxLength: 4, selector: ({ name }) => name });
const target = fc.constantFrom('pool', 'pool', 'pool', 'view', 'other');
const timeout = fc.constantFrom(undefined, undefined, 0, 20);

/** Calls on a pool, or on a view of it, and on a server. */
export const call = fc.oneof(
  { weight: 4, arbitrary: record('storeNew', { target, options, start: fc.boolean() }) },
  { weight: 2, arbitrary: record('store', { target, options }) },
  { weight: 1, arbitrary: record('storeAgain', { target, index }) },
  { weight: 3, arbitrary: record('start', { target }) },
  { weight: 1, arbitrary: record('startAborted', { target, turns: fc.nat(3) }) },
  { weight: 3, arbitrary: record('stop', { target, timeout }) },
  { weight: 1, arbitrary: record('restart', { target, concurrency: fc.constantFrom(1, 2) }) },
  { weight: 2, arbitrary: record('delete', { target, index }) },
  { weight: 1, arbitrary: record('loadAndDelete', { target, index }) },
  { weight: 1, arbitrary: record('clean', { target: fc.constantFrom('view', 'view', 'pool') }) },
  {
    weight: 4,
    arbitrary: record('apply', { target, list, dryRun: fc.constantFrom(false, false, true) }),
  },
  { weight: 1, arbitrary: record('merge', { from: fc.constantFrom('other', 'pool') }) },
  { weight: 1, arbitrary: record('clone', {}) },
  {
    weight: 1,
    arbitrary: record('unreadable', {
      target,
      method: fc.constantFrom('start', 'stop', 'restart', 'clone', 'apply'),
    }),
  },
  { weight: 2, arbitrary: record('handler', { target }) },
  { weight: 3, arbitrary: record('setConfig', { index, options }) },
  { weight: 1, arbitrary: record('serverStart', { index }) },
  { weight: 2, arbitrary: record('serverStop', { index, timeout }) },
  { weight: 1, arbitrary: record('serverRestart', { index }) },
  { weight: 1, arbitrary: record('serverMerge', { index, other: index }) },
  { weight: 2, arbitrary: record('replace', { index, options, start: fc.boolean() }) },
  { weight: 2, arbitrary: record('applyAnew', { index, options }) },
  { weight: 2, arbitrary: record('applySame', {}) },
  { weight: 2, arbitrary: record('applyIll', { index, without: index }) },
  { weight: 2, arbitrary: record('request', { index }) },
  { weight: 2, arbitrary: record('take', { listen: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: record('removeFile', { listen: fc.integer({ min: 5, max: 6 }) }) },
  {
    weight: 3,
    arbitrary: record('tls', {
      mode: fc.constantFrom('ok', 'slow', 'slow', 'fail', 'undefined', 'hang', 'none'),
    }),
  },
);

/** What comes after a call: more at once, a turn of the event loop, or the end of all that is under way. */
const next = fc.constantFrom('at once', 'at once', 'at once', 'turn', 'settle');

export const sequence = fc.record({
  logger: fc.constantFrom('none', 'silent', 'throws', 'rejects'),
  steps: fc.array(fc.record({ call, next }), { minLength: 1, maxLength: 14 }),
  reactions: fc.array(
    fc.record({
      on: fc.constantFrom(
        'starting',
        'running',
        'draining',
        'stopped',
        'failed',
        'added',
        'removed',
        'config',
      ),
      call,
    }),
    { maxLength: 3 },
  ),
});

/** A server of such a config is not healthy. */
const ill = { monitor: { path: '/ill' } };

function record(kind, fields) {
  return fc.record({ kind: fc.constant(kind), ...fields });
}

/** What a call is on the pool of now: some are on servers that it has, or on their addresses. */
export function onPool(world, call) {
  const { kind, index: at, options, ...rest } = call;
  const servers = [...world.pool];
  const entryOf = ({ config: { name, listen, disabled } }) => {
    return { name, listen: world.addresses.indexOf(listen), more: disabled ? { disabled } : {} };
  };
  const entries = servers.map(entryOf);
  if (kind === 'replace') {
    const { listen } = entries[at % entries.length] ?? options;
    return { kind: 'storeNew', target: 'pool', options: { ...options, listen }, ...rest };
  }
  if (kind === 'applySame') {
    return { kind: 'apply', target: 'pool', list: entries, dryRun: false };
  }
  if (kind === 'applyIll') {
    const place = at % entries.length;
    const list = entries
      .map((each, other) => (other === place ? { ...each, more: { ...each.more, ...ill } } : each))
      .filter((_each, other) => other === place || other !== call.without);
    return { kind: 'apply', target: 'pool', list, dryRun: false, probation: 3 };
  }
  if (kind !== 'applyAnew') return call;
  const { listen, more } = options;
  const list = entries.map((each, place) =>
    place === at % entries.length ? { ...each, listen, more } : each,
  );
  return { kind: 'apply', target: 'pool', list, dryRun: false };
}

/** Makes a call; always returns a promise. */
export async function make(world, call) {
  return actions[call.kind](world, call);
}

const poolOf = (world, target) => {
  if (target === 'other') return world.other;
  return target === 'view' ? world.pool.filter('name', undefined, '^[abc]$') : world.pool;
};

/** The server that a call with this index is for, now. */
export const serverOf = (world, at) => {
  world.note();
  const all = [...world.pool, ...world.loose];
  return all.length > 0 ? all[at % all.length] : undefined;
};

const read = (world, { name, listen, more: { unreadable, ...more } }) => {
  const options = { name, listen: world.addresses[listen], ...more };
  if (unreadable) Object.defineProperty(options, unreadable, { enumerable: true, get: refuse });
  return options;
};

const withoutHandler = ({ more, ...rest }) => ({ ...rest, more: { ...more, handlerKey: '' } });

const refuse = () => {
  throw new Error('not yours');
};

const actions = {
  async storeNew(world, { target, options, start }) {
    return poolOf(world, target).storeNew(read(world, options), { start });
  },
  async store(world, { target, options }) {
    const server = world.make(read(world, withoutHandler(options)));
    await poolOf(world, target).store(server);
  },
  async storeAgain(world, { target, index }) {
    const server = serverOf(world, index);
    if (server) await poolOf(world, target).store(server);
  },
  start: (world, { target }) => poolOf(world, target).start(),
  async startAborted(world, { target, turns }) {
    const controller = new AbortController();
    const outcome = Promise.allSettled([
      poolOf(world, target).start({ signal: controller.signal }),
    ]);
    for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
    controller.abort();
    await outcome;
  },
  stop: (world, { target, timeout }) => poolOf(world, target).stop({ timeout }),
  restart: (world, { target, concurrency }) => poolOf(world, target).restart({ concurrency }),
  async delete(world, { target, index }) {
    world.note();
    const server = serverOf(world, index);
    if (server) await poolOf(world, target).delete(server.bind);
  },
  async loadAndDelete(world, { target, index }) {
    const server = serverOf(world, index);
    const taken = server && poolOf(world, target).loadAndDelete(server.bind);
    if (taken) world.loose.add(taken);
  },
  clean: (world, { target }) => poolOf(world, target).clean(),
  apply: (world, { target, list, dryRun, probation }) =>
    poolOf(world, target).apply(
      list.map((each) => read(world, each)),
      { dryRun, probation },
    ),
  async merge(world, { from }) {
    const [mine, other] =
      from === 'other' ? [world.pool, world.other] : [world.other, world.pool.filter('name', 'a')];
    await mine.merge(other);
  },
  async unreadable(world, { target, method }) {
    const options = new Proxy({}, { get: refuse });
    await poolOf(world, target)[method](...(method === 'apply' ? [[], options] : [options]));
    world.faults.push(`${method} took options that can't be read`);
  },
  async clone(world) {
    const copy = world.pool.clone();
    for (const server of copy) {
      if (server.state !== 'stopped') world.faults.push('a clone is not stopped');
    }
  },
  async handler(world, { target }) {
    world.handlerVersion += 1;
    if (target !== 'pool') world.handlersAreShared = false;
    poolOf(world, target).handler(world.handlers());
  },
  async setConfig(world, { index, options }) {
    await serverOf(world, index)?.setConfig(read(world, options));
  },
  serverStart: async (world, { index }) => serverOf(world, index)?.start(),
  serverStop: async (world, { index, timeout }) => serverOf(world, index)?.stop({ timeout }),
  serverRestart: async (world, { index }) => serverOf(world, index)?.restart(),
  async serverMerge(world, { index, other }) {
    const [mine, from] = [serverOf(world, index), serverOf(world, other)];
    if (mine && from) await mine.merge(from);
  },
  /** A client that is answered some turns later: till then who is asked to stop drains. */
  async request(world, { index }) {
    const { address, tls } = serverOf(world, index) ?? {};
    if (!address || tls) return;
    const { path, host, port } = address;
    const place = path ? { socketPath: path } : { host, port };
    await new Promise((resolve) => {
      const outgoing = request({ ...place, path: '/later', agent: false }, (response) =>
        response.resume().on('close', resolve),
      );
      outgoing.on('error', resolve).end();
    });
  },
  take: (world, { listen }) => world.take(world.addresses[listen]),
  async removeFile(world, { listen }) {
    world.removeSocketFile(world.addresses[listen]);
  },
  async tls(world, { mode }) {
    world.tlsMode = mode;
    if (mode !== 'hang') world.answerAll();
  },
};
