import {
  Module,
  type DynamicModule,
  type INestApplicationContext,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HttpPoolModule, PoolService, type HttpPoolModuleOptions } from '../../lib/index.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened, platforms } from '../nest/support/adapters.js';

/** An application of any kind, made and not initialised. */
export type Make = (
  module: Type,
) => Promise<INestApplicationContext & { init(): Promise<unknown> }>;

/** Both adapters, and none. */
export const kinds: { name: string; make: Make; isHttp: boolean }[] = [
  ...platforms.map(({ name, create }) => ({ name, make: create as Make, isHttp: true })),
  {
    name: 'no adapter',
    isHttp: false,
    // Nest calls the hooks of a context within its creation: what a test does first comes before that.
    make: async (module) => {
      let made: INestApplicationContext | undefined;
      const create = async (): Promise<INestApplicationContext> => {
        made ??= await NestFactory.createApplicationContext(module, {
          logger: false,
          abortOnError: false,
        });
        return made;
      };
      return {
        init: create,
        get: (token: Type) => made!.get(token),
        close: async () => made?.close(),
      } as never;
    },
  },
];

export const MANAGEMENT = { listen: LOOPBACK };

export interface Managed {
  readonly app: Awaited<ReturnType<Make>>;
  readonly pool: PoolService;
  /** The URL of a path of the management server. */
  url(path: string, server?: string): string;
}

/** A plain handler, so that what is tested of servers holds without an adapter too. */
export const HANDLERS = {
  handlers: () => ({
    default: (_request: unknown, response: { end(text: string): unknown }) => {
      response.end('public');
    },
  }),
} as Pick<HttpPoolModuleOptions, 'handlers'>;

/** An application whose pool tells of itself. */
export function moduleWith(
  options: HttpPoolModuleOptions,
  imports: (Type | DynamicModule)[] = [],
): Type {
  class App {}
  Module({ imports: [HttpPoolModule.forRoot({ autoStart: true, ...options }), ...imports] })(App);
  return App;
}

export async function managed(
  opened: Opened,
  make: Make,
  options: HttpPoolModuleOptions,
  imports: (Type | DynamicModule)[] = [],
): Promise<Managed> {
  const app = opened.app(await make(moduleWith(options, imports)));
  await app.init();
  return of(app);
}

export function of(app: Managed['app']): Managed {
  const pool = app.get(PoolService);
  return {
    app,
    pool,
    url: (path, server = 'management') => `${pool.get(server)!.url}${path}`,
  };
}
