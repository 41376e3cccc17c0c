import { afterEach, describe, expect, it } from '@jest/globals';
import { PoolErrorCode, type HttpPoolModuleOptions, type PoolError } from '../../lib/index.js';
import { Opened, platforms } from '../nest/support/adapters.js';
import { client, clientCa, tls } from '../support/certificates.js';
import { failure } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { ask } from '../support/http-client.js';
import { kinds, managed, moduleWith } from './support.js';

const WEB = { name: 'web', listen: '127.0.0.1:8080' };

describe('the option management', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const refused = async (management: unknown, servers: unknown[] = [WEB]): Promise<PoolError> => {
    const options = { servers, management } as HttpPoolModuleOptions;
    return failure<PoolError>(platforms[0]!.create(moduleWith(options)));
  };

  it.each([
    [{ listen: LOOPBACK, inof: {} }, "management.inof: unknown key 'inof', did you mean 'info'?"],
    [{ listen: LOOPBACK, info: [] }, 'management.info: got an empty list, give a plain object'],
    [
      { listen: LOOPBACK, info: { size: 1n } },
      'management.info: got an object, give a plain object',
    ],
    [{ listen: LOOPBACK, shutdown: { lst: true } }, 'management.shutdown.lst: unknown key'],
    [{ listen: LOOPBACK, idleTimeout: 'soon' }, "management.idleTimeout: got the string 'soon'"],
    [{}, 'management.listen: '],
    ['nowhere', "management.listen: 'nowhere' has no port"],
    [
      { listen: LOOPBACK, redirectTo: 'web' },
      "management.redirectTo: got the string 'web', leave it",
    ],
    [{ listen: LOOPBACK, handlerKey: 'api' }, "management.handlerKey: got the string 'api'"],
    [
      { listen: LOOPBACK, tls: { certs: [{ cert: '/none', key: '/none' }] } },
      'management.tls.certs[0]',
    ],
    [
      { listen: WEB.listen },
      'management.listen: 127.0.0.1:8080 is already the bind address of server',
    ],
    [
      ':8080',
      "management.listen: [::]:8080 overlaps 127.0.0.1:8080, the bind address of server 'web'",
    ],
    [
      { name: 'web', listen: LOOPBACK },
      "management.name: 'web' is already the name of another server",
    ],
  ])('refuses %j', async (management, message) => {
    const error = await refused(management);
    expect(error.code).toBe(PoolErrorCode.ERR_POOL_VALIDATE);
    expect(error.message).toContain(message);
  });

  it('may be redirected to, as any server of the pool', async () => {
    const ops = { name: 'ops', listen: LOOPBACK, redirectTo: 'management' };
    const options = { servers: [ops], management: LOOPBACK };
    const { pool } = await managed(opened, platforms[0]!.create, options);
    const { status, headers } = await ask(`${pool.get('ops')!.url}/livez`);
    const location = `${pool.get('management')!.expose}/livez`;
    expect([status, headers.location]).toEqual([301, location]);
  });

  it.each([[3], [true], [[LOOPBACK]], [() => LOOPBACK]])('refuses %p', async (management) => {
    const error = await refused(management);
    expect(error.code).toBe(PoolErrorCode.ERR_POOL_VALIDATE);
    expect(error.message).toMatch(/management: got .*, give an address, such as/);
  });

  it('is told of along with the faults of the servers', async () => {
    const error = await refused({ listen: 'nowhere', bad: 1 }, [{ name: 'web' }]);
    expect(error.errors).toHaveLength(2);
    expect(error.message).toContain('servers[0].listen');
    expect(error.message).toContain('management.bad');
    expect(error.message).toContain('management.listen');
  });

  it('does not change what it is given', async () => {
    const management = Object.freeze({ listen: LOOPBACK, info: Object.freeze({ a: 1 }) });
    await managed(opened, kinds[0]!.make, { servers: [], management });
    expect(management).toEqual({ listen: LOOPBACK, info: { a: 1 } });
  });

  it('takes TLS, and certificates of clients, as any server', async () => {
    const { url } = await managed(opened, kinds[0]!.make, {
      servers: [],
      management: {
        listen: LOOPBACK,
        tls: { ...tls, authClient: 'require', clientCA: [clientCa.cert] },
      },
    });
    const options = { servername: 'localhost' } as const;
    expect((await ask(url('/readyz'), { ...options, ...client })).status).toBe(200);
    await expect(ask(url('/readyz'), options)).rejects.toThrow(
      /certificate required|ECONNRESET|alert/,
    );
  });

  it('inherits the default TLS', async () => {
    const { url } = await managed(opened, kinds[0]!.make, {
      servers: [],
      tls: async () => tls,
      management: { listen: LOOPBACK, tls: { inheritDefault: true } },
    });
    expect(url('/readyz')).toMatch(/^https:/);
    expect((await ask(url('/readyz'), { servername: 'localhost' })).status).toBe(200);
  });
});
