import type { TestingModuleBuilder } from '@nestjs/testing';
import { HTTP_POOL_REWRITE } from './http-pool.constants.js';
import { ephemeral } from './nest/ephemeral-settings.js';

/**
 * Lets an application be tested as it is: whatever its options say, every TCP server listens on
 * `127.0.0.1:0`, and no `shutdown.delay` is waited for. So tests run beside each other and beside the
 * application itself. Unix sockets and inherited descriptors are left as they are.
 *
 * It holds whatever way a server comes to the pool of the application or changes there, in a view or a copy of it
 * too. Ask `PoolService.get(name).url` for the address.
 *
 * @param builder What `Test.createTestingModule` returned
 * @returns The same builder
 * @example
 * const testing = await ephemeralServers(
 *   Test.createTestingModule({ imports: [AppModule] }),
 * ).compile();
 * @see https://docs.nestjs.com/fundamentals/testing
 */
export function ephemeralServers(builder: TestingModuleBuilder): TestingModuleBuilder {
  return builder.overrideProvider(HTTP_POOL_REWRITE).useValue(ephemeral);
}
