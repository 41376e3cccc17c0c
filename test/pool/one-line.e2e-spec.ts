import { afterEach, describe, expect, it } from '@jest/globals';
import { isPortInUse } from '../../lib/index.js';
import { Journal, LOOPBACK, says } from '../support/handlers.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

/** What a text of others may hold: a line of its own, a line for a browser, an escape, an override of the direction. */
const FORGED = 'x\nFORGED \u2028FORGED \u0085\u001b[2J\u202e';
const escaped = /x\\u000aFORGED \\u2028FORGED \\u0085\\u001b\[2J\\u202e/;
const unprintable = /[^\P{Cc}\n]|[\p{Zl}\p{Bidi_Control}]|^FORGED/mu;

const handlers = () => ({ default: says('fine') });

const create = (options: object, more: object = {}): unknown =>
  opened.server({ name: 'a', listen: LOOPBACK, ...options }, { handlers, ...more });

/** Does what fails, with that text in it. */
const failures: Record<string, (logger: Journal) => unknown> = {
  'a handlerKey that is refused': () => create({ handlerKey: FORGED }),
  'a key of a config': () => create({ [FORGED]: true }),
  'the type of a value': () => create({ readTimeout: { [Symbol.toStringTag]: FORGED } }),
  'handlers that throw': () =>
    create(
      {},
      {
        handlers: () => {
          throw new Error(FORGED);
        },
      },
    ),
  'the name of a handler': () => create({}, { handlers: () => ({ [FORGED]: 1 }) }),
  'an address to look at': () => isPortInUse(FORGED),
  'a list of servers': () =>
    opened.pool().apply([{ name: `x ${FORGED}`.replace('\n', '\u000b'), listen: 'none' }]),
  'a folder of a socket that is not there': (logger) =>
    opened.server({ name: 'a', listen: `unix:/nowhere/${FORGED}` }, { handlers, logger }).start(),
  'a default TLS that fails': (logger) => {
    const tls = () => Promise.reject(new Error(FORGED));
    const config = { name: 'a', listen: LOOPBACK, tls: { inheritDefault: true } };
    return opened.server(config, { handlers, tls, logger }).start();
  },
};

describe.each(Object.entries(failures))('what failed for %s', (_what, fail) => {
  it('is told on lines that it can not forge', async () => {
    const journal = new Journal();
    const error = await (async () => fail(journal))().catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(Error);
    for (const text of [(error as Error).message, ...journal.lines]) {
      expect(text).not.toMatch(unprintable);
    }
  });
});

it('a regex that is invalid is logged on one line', () => {
  const logger = new Journal();
  opened.pool({ logger }).filter('name', undefined, `(${FORGED}`);
  expect(logger.lines).toHaveLength(1);
  expect(logger.lines[0]).toMatch(escaped);
  expect(logger.lines[0]).not.toMatch(/\n/);
});

it('a subscriber of events that fails is logged on one line', async () => {
  const logger = new Journal();
  const pool = opened.pool({ logger, handlers });
  pool.events$.subscribe(() => {
    throw new Error(FORGED);
  });
  await pool.storeNew({ name: 'a', listen: LOOPBACK });
  const [line = ''] = logger.matching(/subscriber/);
  expect(line).toMatch(escaped);
  expect(line).not.toMatch(/\n/);
});
