import { Test } from '@nestjs/testing';
import type { INestApplication } from '@nestjs/common';
import { PoolService, readServersFile } from 'nestjs-http-pool';
import { ephemeralServers } from 'nestjs-http-pool/testing';
import { AppModule } from './app.module';

let app: INestApplication;

beforeAll(async () => {
  const builder = Test.createTestingModule({ imports: [AppModule] });
  app = (await ephemeralServers(builder).compile()).createNestApplication();
  await app.init();
});

afterAll(() => app.close());

it.each([
  ['web', '/', 'hello'],
  ['admin', '/jobs', 'no jobs'],
  ['management', '/livez', 'ok'],
])('is served by %s of the pool, in a test of a CommonJS application', async (name, path, text) => {
  const answer = await fetch(new URL(path, app.get(PoolService).get(name)?.url));
  expect(await answer.text()).toContain(text);
});

it('loads what is loaded only when it is needed', async () => {
  expect(app.get(PoolService).filter('name', undefined, '^adm').size).toBe(1);
  await expect(readServersFile(__filename)).rejects.toThrow(/no valid JSON/);
});
