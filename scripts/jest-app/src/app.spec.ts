import { Test } from '@nestjs/testing';
import { PoolService } from 'nestjs-http-pool';
import { AppModule } from './app.module';

it('is served by the pool, in a test of a CommonJS application', async () => {
  const testing = await Test.createTestingModule({ imports: [AppModule] }).compile();
  const app = testing.createNestApplication();
  await app.init();
  const url = app.get(PoolService).get('web')?.url ?? '';
  const answer = await fetch(url);
  expect(await answer.text()).toBe('hello');
  await app.close();
});
