import { Scope, type FactoryProvider } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { namesAskedFor, serverToken } from '../inject-server.decorator.js';
import { PoolService } from '../pool.service.js';
import { noServerNamed } from '../pool/no-server-named.js';
import { rootModules } from './root-modules.js';

/**
 * A provider for each server that somebody asked for by `@InjectServer` or `getServerToken`.
 * Transient, so that Nest makes it only where it is injected: another application in this process
 * may have asked for the name, and its servers are no fault of this one.
 */
export function serverProviders(): FactoryProvider[] {
  return namesAskedFor().map((name) => ({
    provide: serverToken(name),
    scope: Scope.TRANSIENT,
    inject: [PoolService],
    useFactory: (pool: PoolService) => {
      const server = pool.get(name);
      if (server === undefined) throw noServerNamed(name, pool);
      return server;
    },
  }));
}

/**
 * Gives each configured server a provider of its own, now that their names are known: `app.get()`
 * finds no transient ones. What a test put in place by `overrideProvider` stays.
 */
export function provideServers(modules: ModulesContainer, pool: PoolService): void {
  for (const module of rootModules(modules)) {
    for (const server of pool) {
      const token = serverToken(server.name);
      const declared = module.providers.get(token);
      if (declared === undefined) {
        module.addProvider({ provide: token, useValue: server });
        module.exports.add(token);
      } else if (declared.scope === Scope.TRANSIENT) {
        // Changed, not replaced: those who are being injected hold on to it.
        Object.assign(declared, { scope: Scope.DEFAULT, instance: server });
      }
    }
  }
}
