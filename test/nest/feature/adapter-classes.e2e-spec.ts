import { Controller, Get, Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule } from 'nestjs-http-pool';
import { Opened, textOf, urlOf } from '../support/adapters.js';
import { ADMIN, PUBLIC } from '../support/feature-app.js';
import { Logs } from '../support/logs.js';

@Controller()
class OpenController {
  @Get('open')
  open(): string {
    return 'open';
  }
}

interface Options {
  label: string;
}

interface Replying {
  reply(response: any, body: any, statusCode?: number): any;
}

const failing = (): never => {
  throw new Error('made once only');
};

/** Classes of the user's above one of Nest, each of which puts its label before an answer. */
const classesOf = (Base: new (...args: any[]) => Replying) => {
  class Labelled extends Base {
    declare protected kept: string;
    protected label(): string {
      return this.kept;
    }
    override reply(response: any, body: any, statusCode?: number): any {
      return super.reply(response, `${this.label()} ${body}`, statusCode);
    }
  }
  const using =
    (Own: new (...args: any[]) => any, ...args: unknown[]) =>
    () =>
      new Own(...args);
  class Read extends Labelled {
    constructor(options: Options) {
      super();
      this.kept = options.label.toUpperCase();
    }
  }
  class Kept extends Labelled {
    constructor(private readonly options: Options) {
      super();
    }
    protected override label(): string {
      return this.options.label.toUpperCase();
    }
  }
  class Second extends Labelled {
    constructor(_name: string, { label }: Options) {
      super();
      this.kept = label.toUpperCase();
    }
  }
  class ByDefault extends Labelled {
    constructor(options: Options = { label: 'default' }) {
      super();
      this.kept = options.label.toUpperCase();
    }
  }
  class Rest extends Labelled {
    constructor(...labels: string[]) {
      super();
      this.kept = labels.join('').toUpperCase();
    }
  }
  class Below extends Read {}
  class Named extends Read {
    constructor() {
      super({ label: 'own' });
    }
  }
  let count = 0;
  class Once extends Labelled {
    constructor() {
      super();
      this.kept = 'OWN';
      if ((count += 1) > 1) failing();
    }
  }
  const label = 'own';
  return [
    ['reads its argument', using(Read, { label })],
    ['keeps its argument for later', using(Kept, { label })],
    ['needs two', using(Second, 'a', { label })],
    ['has a default, and was given another', using(ByDefault, { label })],
    ['takes any number', using(Rest, 'o', 'wn')],
    ['is that of the class above', using(Below, { label })],
    ['needs none, where that of the class above does', using(Named)],
    ['can be called once only', using(Once)],
  ] as const;
};

const platforms = [
  ['express', ExpressAdapter],
  ['fastify', FastifyAdapter],
] as const;

describe.each(platforms)('an adapter on %s of a class whose constructor', (name, Base) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const start = async (
    adapter: unknown,
    { logs, prepare }: { logs?: Logs; prepare?: (app: INestApplication) => unknown } = {},
  ) => {
    class App {}
    const feature = HttpPoolModule.forFeature({ server: 'admin', controllers: [OpenController] });
    Module({ imports: [HttpPoolModule.forRoot([PUBLIC, ADMIN]), feature] })(App);
    const options = { logger: logs ?? (false as const), abortOnError: false };
    const app = opened.app(await NestFactory.create(App, adapter as never, options));
    await prepare?.(app);
    await app.init();
    return app;
  };

  it.each(classesOf(Base))('%s is as the application’s', async (_case, adapter) => {
    const app = await start(adapter());
    expect(await textOf(urlOf(app, 'admin', '/open'))).toBe('OWN open');
  });

  it.each(classesOf(Base))('%s has the middleware of the application', async (_case, adapter) => {
    const refuse = (_request: unknown, response: any) => response.end('who are you?');
    const app = await start(adapter(), { prepare: (one) => one.use(refuse) });
    expect(await textOf(urlOf(app, 'admin', '/open'))).toBe('who are you?');
  });

  it('needs arguments, with private members that nobody can give, is refused by a message', async () => {
    class Private extends (Base as new () => any) {
      readonly #label: string;
      constructor(options: Options) {
        super();
        this.#label = options.label;
      }
      label(): string {
        return this.#label;
      }
    }
    class OfAnother extends (Base as new () => any) {
      readonly #label = 'own';
      constructor(_options: Options) {
        super();
      }
      static labelOf(one: OfAnother): string {
        // As minifiers write `this`, too.
        return one.#label;
      }
    }
    for (const Adapter of [Private, OfAnother]) {
      await expect(start(new Adapter({ label: 'own' }))).rejects.toThrow(
        new RegExp(`^${Adapter.name} can't be made anew.*arguments of its constructor.*without #`),
      );
    }
  });

  it('passes its argument on to Nest’s class is called, private members and all', async () => {
    class Passing extends (Base as new (instance?: any) => any) {
      readonly #label = 'OWN';
      constructor(instance?: any) {
        super(instance ?? undefined);
      }
      reply(response: any, body: any, statusCode?: number): any {
        return super.reply(response, `${this.#label} ${body}`, statusCode);
      }
    }
    const app = await start(new Passing());
    expect(await textOf(urlOf(app, 'admin', '/open'))).toBe('OWN open');
  });

  it('keeps the adapter and its instance has its own kept, whether it is called or not', async () => {
    class Keeping extends (Base as new () => any) {
      readonly itself: unknown;
      readonly kept: unknown;
      constructor(_label = 'default') {
        super();
        this.itself = this;
        this.kept = this.getInstance();
      }
      reply(response: any, body: any, statusCode?: number): any {
        const isOwn = this.itself === this && this.kept === this.getInstance();
        return super.reply(response, `${isOwn ? 'own' : 'of another'} ${body}`, statusCode);
      }
    }
    class Uncalled extends Keeping {
      constructor(_one: string, _other: string) {
        super();
      }
    }
    for (const adapter of [new Keeping('given'), new Uncalled('a', 'b')]) {
      const app = await start(adapter);
      expect(await textOf(urlOf(app, 'admin', '/open'))).toBe('own open');
    }
  });

  it('was not called is told of where it may have added hooks', async () => {
    const logs = new Logs();
    class Hooked extends (Base as new () => any) {
      constructor(_name: string, _key: string) {
        super();
      }
    }
    await start(new Hooked('a', 'b'), { logs });
    const told = logs.lines('HttpPool').filter((line) => line.includes('constructor of Hooked'));
    expect(told).toHaveLength(name === 'fastify' ? 1 : 0);
  });
});
