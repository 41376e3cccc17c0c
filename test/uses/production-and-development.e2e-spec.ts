import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Controller, Get, Module } from '@nestjs/common';
import { HttpPoolModule, PoolService, type DefaultTls, type ServerOptions } from 'nestjs-http-pool';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Opened, platforms, urlOf } from '../nest/support/adapters.js';
import { localhost, tls } from '../support/certificates.js';
import { LOOPBACK } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened as Folders } from '../support/opened.js';

/** One list for both: it says that TLS is wanted, and not where it comes from. */
const SERVERS: ServerOptions[] = [
  { name: 'public', listen: LOOPBACK, tls: { inheritDefault: true } },
  { name: 'partners', listen: LOOPBACK, tls: { inheritDefault: true } },
];

@Controller()
class HelloController {
  @Get()
  hello(): string {
    return 'hello';
  }
}

describe.each(platforms)('one list for production and development on $name', ({ create }) => {
  const opened = new Opened();
  const folders = new Folders();
  afterEach(() => opened.closeAll());
  afterEach(() => folders.closeAll());

  const start = async (production: boolean, certificates?: DefaultTls) => {
    @Module({
      imports: [
        HttpPoolModule.forRoot({
          servers: SERVERS,
          tls: production ? certificates : undefined,
          defaults: { tlsMandatory: production },
        }),
      ],
      controllers: [HelloController],
    })
    class App {}
    const app = opened.app(await create(App));
    await app.init();
    return app;
  };

  it('is plain HTTP in development', async () => {
    const app = await start(false);
    for (const { name } of SERVERS) {
      expect(urlOf(app, name)).toMatch(/^http:/);
      expect(await text(urlOf(app, name))).toBe('hello');
    }
  });

  it('is HTTPS in production, with the certificate of the default TLS', async () => {
    const app = await start(true, tls);
    for (const { name } of SERVERS) {
      expect(urlOf(app, name)).toMatch(/^https:/);
      expect(await text(urlOf(app, name))).toBe('hello');
    }
  });

  it('takes the certificate from files and from a function', async () => {
    const folder = await folders.folder();
    const [cert, key] = [join(folder, 'site.crt'), join(folder, 'site.key')];
    await writeFile(cert, localhost.cert);
    await writeFile(key, localhost.key);
    const app = await start(true, async () => ({ certs: [{ cert, key }] }));
    expect(await text(urlOf(app, 'public'))).toBe('hello');
  });

  it('refuses to serve without a certificate in production', async () => {
    await expect(start(true)).rejects.toMatchObject({
      code: 'ERR_POOL_START',
      errors: [
        { server: 'public', message: expect.stringContaining('tlsMandatory') },
        { server: 'partners' },
      ],
    });
  });

  it('is the same list after it was used', async () => {
    const before = structuredClone(SERVERS);
    const app = await start(true, tls);
    expect(app.get(PoolService).get('public')?.tls).toBe(true);
    expect(SERVERS).toEqual(before);
  });
});
