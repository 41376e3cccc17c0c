import { afterEach, describe, expect, it } from '@jest/globals';
import { Pool, PoolConfig, PooledServer, PoolError, ServerError } from '../../lib/index.js';
import { failure, record } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';
import { snapshot } from '../support/snapshot.js';
import { calls, thrownOf, web, type Call } from './support/option-calls.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

/** What a call is refused with, which has changed nothing. */
const refused = async (call: Call, options: unknown): Promise<PoolError | ServerError> => {
  const pool = opened.pool();
  const server = await pool.storeNew(web, { start: true });
  const before = snapshot(pool);
  const events = record(pool);
  const error = await failure<PoolError | ServerError>(
    (async () => call({ pool, server }, options as never))(),
  );
  expect(error instanceof PoolError || error instanceof ServerError).toBe(true);
  expect(error.code).toMatch(/^ERR_(POOL|SERVER)_/);
  expect(snapshot(pool)).toEqual(before);
  expect(events).toEqual([]);
  return error;
};

describe.each(calls)('%s', (_name, key, call) => {
  it(`refuses a key that is almost ${key}, and names that`, async () => {
    const error = await refused(call, { [`${key}s`]: 1 });
    expect(error.message).toContain(`${key}s: unknown key '${key}s', did you mean '${key}'?`);
  });

  it.each<[string, object]>([
    ['a key of its own', { 'quite\nanother': true }],
    ['a key that is null', { somethingElse: null }],
    [
      'a key with a getter',
      {
        get somethingElse() {
          return undefined;
        },
      },
    ],
  ])(`refuses ${key} with %s`, async (_what, options) => {
    const error = await refused(call, options);
    expect(error.message).toMatch(/unknown key '(quite\\u000aanother|somethingElse)', /);
  });

  it.each<[string, unknown]>([
    ['a text', 'now'],
    ['a number', 5],
    ['a boolean', true],
    ['a list', []],
    ['a Map', new Map([[key, true]])],
    ['a signal', AbortSignal.timeout(60_000)],
    ['a function', () => undefined],
  ])(`refuses for the options of ${key} %s`, async (_what, options) => {
    expect((await refused(call, options)).message).toMatch(/options: got .*, give an object/);
  });
});

it.each([1, 0, 'true', 'false', 'yes', '', {}, []])(
  'apply and storeNew take %j for no boolean',
  async (value) => {
    const apply: Call = ({ pool }, options) => pool.apply([], options);
    const storeNew: Call = ({ pool }, how) => pool.storeNew({ ...web, name: 'b' }, how);
    const dryRun = await refused(apply, { dryRun: value });
    expect(dryRun.code).toBe('ERR_POOL_VALIDATE');
    expect(dryRun.message).toMatch(/^Nothing was changed, dryRun: got .*, give true or false/);
    const start = await refused(storeNew, { start: value });
    expect(start.code).toBe('ERR_SERVER_VALIDATE');
    expect(start.message).toMatch(/start: got .*, give true or false/);
  },
);

const loggers: readonly Call[] = [
  (_, options) => new Pool(options),
  (_, options) => PooledServer.create(web, options),
  (_, options) => thrownOf(new PoolConfig([web]).pool(options)),
];
it.each([false, true, 0, 5, 'console', Symbol('log')])('%p is no logger', async (logger) => {
  for (const call of loggers) {
    const { message } = await refused(call, { logger });
    expect(message).toMatch(/logger: got .*, give an object with log, warn and error/);
  }
  for (const taken of [null as never, console]) expect(new Pool({ logger: taken }).size).toBe(0);
});

it('what is undefined is left out, and null where a key may be', async () => {
  const pool = opened.pool();
  const others = { other: undefined } as object;
  const server = await pool.storeNew(
    { name: 'a', listen: LOOPBACK },
    { ...others, start: null as never },
  );
  expect(server.state).toBe('stopped');
  await pool.start(others);
  const plan = await pool.apply([], { ...others, dryRun: null as never, probation: null as never });
  expect(plan.remove).toEqual(['a']);
  expect(pool.size).toBe(0);
});
