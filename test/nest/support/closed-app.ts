import {
  Controller,
  Get,
  HttpCode,
  Module,
  Post,
  Version,
  VersioningType,
  type INestApplication,
  type MiddlewareConsumer,
  type NestModule,
  type Type,
} from '@nestjs/common';
import { HttpPoolModule, type ServerOptions } from 'nestjs-http-pool';
import type { Platform } from './adapters.js';

export const SERVERS = ['public', 'admin', 'metrics'] as const;
export type ServerName = (typeof SERVERS)[number];

/** A route and the only server that has it. */
export interface Route {
  readonly server: ServerName;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly host?: string;
}

/** All three servers have this path, each by a controller of its own. */
export const SHARED_PATH = '/api/status';

/** Left out of the global prefix, which every server knows of, and has no controller anywhere. */
export const UNKNOWN_EXCLUDED = 'nothing';

const from = (server: ServerName): string => `from ${server}`;

function statusOf(server: ServerName): Type {
  @Controller('status')
  class StatusController {
    @Get()
    status(): string {
      return from(server);
    }
  }
  return StatusController;
}

@Controller('shop')
class ShopController {
  @Get(':id')
  one(): string {
    return from('public');
  }

  @Get('prices')
  @Version('1')
  prices(): string {
    return from('public');
  }

  @Post('orders')
  @HttpCode(200)
  order(): string {
    return from('public');
  }
}

@Controller('users')
class UsersController {
  @Get()
  all(): string {
    return from('admin');
  }

  @Post('purge')
  @HttpCode(200)
  purge(): string {
    return from('admin');
  }

  @Get('audit')
  @Version('2')
  audit(): string {
    return from('admin');
  }

  @Get('files/*')
  file(): string {
    return from('admin');
  }
}

@Controller('metrics')
class MetricsController {
  @Get()
  metrics(): string {
    return from('metrics');
  }
}

@Controller({ path: 'tenant', host: 'tenant.local' })
class TenantController {
  @Get()
  tenant(): string {
    return from('metrics');
  }
}

export const ROUTES: readonly Route[] = [
  { server: 'public', method: 'GET', path: '/api/shop/one' },
  { server: 'public', method: 'GET', path: '/api/v1/shop/prices' },
  { server: 'public', method: 'POST', path: '/api/shop/orders' },
  { server: 'admin', method: 'GET', path: '/api/users' },
  { server: 'admin', method: 'POST', path: '/api/users/purge' },
  { server: 'admin', method: 'GET', path: '/api/v2/users/audit' },
  { server: 'admin', method: 'GET', path: '/api/users/files/etc/secret' },
  { server: 'metrics', method: 'GET', path: '/metrics' },
  { server: 'metrics', method: 'GET', path: '/api/tenant', host: 'tenant.local' },
];

/** Would show wherever it is bound, and answers itself where it is given a query. */
const answers =
  (server: ServerName) =>
  (
    request: { originalUrl: string },
    response: { setHeader(name: string, value: string): void; end(text: string): void },
    next: () => void,
  ): void => {
    response.setHeader('x-middleware', from(server));
    if (request.originalUrl.includes('?')) response.end(from(server));
    else next();
  };

class App implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(answers('public')).forRoutes(ShopController);
    consumer.apply(answers('admin')).forRoutes(UsersController);
    consumer.apply(answers('metrics')).forRoutes(MetricsController, TenantController);
  }
}

/** An application with a public, an admin and a metrics server; it is not initialised yet. */
export async function createClosedApp(
  { create }: Platform,
  options?: Partial<ServerOptions>,
): Promise<INestApplication> {
  const servers = SERVERS.map((name) => ({ name, listen: '127.0.0.1:0', ...options }));
  class ClosedApp extends App {}
  Module({
    imports: [
      HttpPoolModule.forRoot(servers),
      HttpPoolModule.forFeature({
        server: 'admin',
        controllers: [statusOf('admin'), UsersController],
      }),
      HttpPoolModule.forFeature({
        server: 'metrics',
        controllers: [statusOf('metrics'), MetricsController, TenantController],
      }),
    ],
    controllers: [statusOf('public'), ShopController],
  })(ClosedApp);
  const app = await create(ClosedApp);
  app.setGlobalPrefix('api', { exclude: ['metrics', UNKNOWN_EXCLUDED] });
  app.enableVersioning({ type: VersioningType.URI });
  return app;
}
