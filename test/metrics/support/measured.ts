import { setImmediate as nextTurn } from 'node:timers/promises';
import type { INestApplicationContext, Type } from '@nestjs/common';
import { Registry } from 'prom-client';
import { HttpPoolModule, PoolService, type HttpPoolModuleOptions } from '../../../lib/index.js';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Opened } from '../../nest/support/adapters.js';
import { Exposition } from './exposition.js';

/** An application whose pool is measured. */
export interface Measured {
  readonly app: INestApplicationContext;
  readonly pool: PoolService;
  readonly registry: Registry;
  url(server: string, path?: string): string;
  scrape(): Promise<Exposition>;
  /** Scrapes until it tells so: the end of an answer may reach its client before it is counted. */
  until(isMet: (scraped: Exposition) => boolean): Promise<Exposition>;
}

/** Without an adapter: servers with handlers of their own. */
export async function measured(
  opened: Opened,
  options: HttpPoolModuleOptions,
  registry = new Registry(),
): Promise<Measured> {
  class App {}
  const filled = { metrics: { registry }, autoStart: true, ...options };
  Module({ imports: [HttpPoolModule.forRoot(filled)] })(App);
  return contextOf(opened, App, registry);
}

export async function contextOf(opened: Opened, App: Type, registry: Registry): Promise<Measured> {
  const quiet = { logger: false, abortOnError: false } as const;
  return of(opened.app(await NestFactory.createApplicationContext(App, quiet)), registry);
}

export function of(app: INestApplicationContext, registry: Registry): Measured {
  const pool = app.get(PoolService);
  const scrape = (): Promise<Exposition> => Exposition.of(registry);
  return {
    app,
    pool,
    registry,
    scrape,
    url: (server, path = '/') => new URL(path, pool.get(server)!.url).href,
    until: async (isMet) => {
      for (;;) {
        const scraped = await scrape();
        if (isMet(scraped)) return scraped;
        await nextTurn();
      }
    },
  };
}
