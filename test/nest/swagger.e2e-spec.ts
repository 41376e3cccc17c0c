import {
  Body,
  Controller,
  Get,
  Module,
  Post,
  Version,
  VersioningType,
  type INestApplication,
} from '@nestjs/common';
import { ApiProperty, DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule } from 'nestjs-http-pool';
import { platforms } from './support/adapters.js';
import { allowRequire } from './support/allow-require.js';
import { FeatureApps } from './support/feature-app.js';

// The pages of Swagger are served by it on Fastify.
await allowRequire('content-disposition', '@fastify/static');

class Note {
  @ApiProperty()
  text!: string;
}

class User {
  @ApiProperty()
  name!: string;
}

@Controller('notes')
class NotesController {
  @Post()
  add(@Body() note: Note): Note {
    return note;
  }
}

@Module({ controllers: [NotesController] })
class NotesModule {}

@Controller('users')
class UsersController {
  @Post()
  add(@Body() user: User): User {
    return user;
  }

  @Get('audit')
  @Version('2')
  audit(): string {
    return '';
  }
}

const admin = HttpPoolModule.forFeature({
  server: 'admin',
  controllers: [UsersController],
  setup: (app) => serveDocument(app, 'Admin'),
});

const ops = HttpPoolModule.forFeature({ server: 'ops', controllers: [NotesController] });

/** What a user writes; the same for the application and for a server. */
function serveDocument(app: INestApplication, title: string): void {
  const config = new DocumentBuilder().setTitle(title).build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, config));
}

describe.each(platforms)('Swagger on $name', (platform) => {
  const opened = new FeatureApps(platform);
  afterEach(() => opened.closeAll());

  const start = (prepare?: (app: INestApplication) => void) =>
    opened.start({
      imports: [admin, ops, NotesModule],
      prepare: (app) => {
        prepare?.(app);
        serveDocument(app, 'Public');
      },
    });

  it('has a document for each server, of its own routes and models', async () => {
    const { get } = await start();
    const documents = await Promise.all(
      ['public', 'admin'].map(async (server) => (await get(server, '/docs-json')).json()),
    );
    const [open, closed] = documents as OpenAPIObject[];
    expect([open!.info.title, closed!.info.title]).toEqual(['Public', 'Admin']);
    expect(Object.keys(open!.paths).sort()).toEqual(['/main', '/notes', '/status']);
    expect(Object.keys(closed!.paths).sort()).toEqual(['/users', '/users/audit']);
    expect(Object.keys(open!.components!.schemas!)).toEqual(['Note']);
    expect(Object.keys(closed!.components!.schemas!)).toEqual(['User']);
    expect((await get('ops', '/docs-json')).status).toBe(404);
  });

  it('has its pages on each server', async () => {
    const { get, text } = await start();
    for (const server of ['public', 'admin']) {
      expect(await text(server, '/docs')).toContain('<div id="swagger-ui"></div>');
      const bundle = await get(server, '/docs/swagger-ui.css');
      expect([bundle.status, (await bundle.text()).length]).toEqual([200, expect.any(Number)]);
    }
    expect(await text('admin', '/docs/swagger-ui-init.js')).toContain('/users');
    expect(await text('admin', '/docs/swagger-ui-init.js')).not.toContain('/notes');
    expect(await text('public', '/docs/swagger-ui-init.js')).not.toContain('/users');
  });

  it('has the prefix and the versions of the application', async () => {
    const { get } = await start((app) => {
      app.setGlobalPrefix('api');
      app.enableVersioning({ type: VersioningType.URI });
    });
    const { paths } = (await (await get('admin', '/docs-json')).json()) as OpenAPIObject;
    expect(Object.keys(paths).sort()).toEqual(['/api/users', '/api/v2/users/audit']);
  });

  it('follows imports to the controllers of that server alone', async () => {
    const paths: Record<string, string[]> = {};
    const scan = (app: INestApplication, title: string): void => {
      const config = new DocumentBuilder().build();
      const document = SwaggerModule.createDocument(app, config, { deepScanRoutes: true });
      paths[title] = Object.keys(document.paths).sort();
    };
    const feature = HttpPoolModule.forFeature({
      server: 'admin',
      imports: [NotesModule],
      controllers: [UsersController],
      setup: (app) => scan(app, 'admin'),
    });
    await opened.start({ imports: [feature], prepare: (app) => scan(app, 'public') });
    expect(paths).toEqual({
      public: ['/main', '/notes', '/status'],
      admin: ['/users', '/users/audit'],
    });
  });
});
