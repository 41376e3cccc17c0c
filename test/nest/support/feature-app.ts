import {
  Body,
  Controller,
  Get,
  Module,
  Param,
  ParseIntPipe,
  Post,
  type DynamicModule,
  type INestApplication,
  type NestApplicationOptions,
  type Provider,
  type Type,
} from '@nestjs/common';
import { HttpPoolModule } from 'nestjs-http-pool';
import { Opened, urlOf, type Platform } from './adapters.js';

export const PUBLIC = { name: 'public', listen: '127.0.0.1:0' };
export const ADMIN = { name: 'admin', listen: '127.0.0.1:0' };
export const OPS = { name: 'ops', listen: '127.0.0.1:0' };

/** The server of the application itself, and one of a feature. */
export const BOTH = ['public', 'admin'] as const;

@Controller()
export class MainController {
  @Get('status')
  status(): string {
    return 'main';
  }

  @Get('main')
  main(): string {
    return 'main only';
  }
}

@Controller()
export class AdminController {
  @Get('status')
  status(): string {
    return 'admin';
  }

  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return body;
  }

  @Get('number/:id')
  number(@Param('id', ParseIntPipe) id: number): string {
    return typeof id;
  }
}

@Controller()
export class OpsController {
  @Get('status')
  status(): string {
    return 'ops';
  }
}

/** Their controllers on their servers. */
export const admin = HttpPoolModule.forFeature({ server: 'admin', controllers: [AdminController] });
export const ops = HttpPoolModule.forFeature({ server: 'ops', controllers: [OpsController] });

export interface FeatureSetup {
  imports?: (DynamicModule | Type)[];
  providers?: Provider[];
  /** Served by the application and by the server 'admin', to see that both do the same. */
  both?: Type[];
  /** Between the creation of the application and its `init()`. */
  prepare?: (app: INestApplication) => unknown;
  options?: NestApplicationOptions;
  /** The class of the root module. */
  base?: Type;
}

export interface FeatureApp {
  app: INestApplication;
  get(server: string, path: string, init?: RequestInit): Promise<Response>;
  text(server: string, path: string, init?: RequestInit): Promise<string>;
}

/** Applications with the servers 'public', 'admin' and 'ops'; {@link closeAll} after each test. */
export class FeatureApps extends Opened {
  constructor(private readonly platform: Platform) {
    super();
  }

  async start(setup: FeatureSetup): Promise<FeatureApp> {
    const { imports = [], providers = [], both = [], prepare, options, base } = setup;
    const App = base ?? class {};
    Module({
      imports: [
        HttpPoolModule.forRoot([PUBLIC, ADMIN, OPS]),
        ...(both.length > 0
          ? [HttpPoolModule.forFeature({ server: 'admin', controllers: both, imports })]
          : []),
        ...imports,
      ],
      controllers: [MainController, ...both],
      providers,
    })(App);
    const app = this.app(await this.platform.create(App, options));
    await prepare?.(app);
    await app.init();
    const get: FeatureApp['get'] = (server, path, init) => fetch(urlOf(app, server, path), init);
    return {
      app,
      get,
      text: async (server, path, init) => (await get(server, path, init)).text(),
    };
  }
}

/** A POST of JSON. */
export const json = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
