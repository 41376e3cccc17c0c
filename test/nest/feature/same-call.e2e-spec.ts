import { Controller, Get, Inject, Module, type Provider } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule, type HttpPoolFeatureOptions } from 'nestjs-http-pool';
import { Opened, platforms, textOf, urlOf } from '../support/adapters.js';

interface Store {
  readonly items: string[];
}

@Controller('items')
class ItemsController {
  constructor(@Inject('STORE') private readonly store: Store) {}

  @Get()
  items(): string {
    return this.store.items.join();
  }
}

const feature = (more: Partial<HttpPoolFeatureOptions>) =>
  HttpPoolModule.forFeature({ server: 'admin', controllers: [ItemsController], ...more });

describe.each(platforms)('the same forFeature in two applications on $name', ({ create }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const ways: [string, (store: Store) => Partial<HttpPoolFeatureOptions>][] = [
    ['providers', (useValue) => ({ providers: [{ provide: 'STORE', useValue }] })],
    [
      'a module of imports',
      (useValue) => {
        class StoreModule {}
        const STORE: Provider = { provide: 'STORE', useValue };
        return { imports: [{ module: StoreModule, providers: [STORE], exports: ['STORE'] }] };
      },
    ],
    [
      'a list in a value',
      (store) => ({
        providers: [
          { provide: 'LIST', useValue: [store] },
          { provide: 'STORE', inject: ['LIST'], useFactory: first },
        ],
      }),
    ],
    [
      'modules',
      (useValue) => {
        const STORE: Provider = { provide: 'STORE', useValue };
        return { modules: [{ module: Plain, providers: [STORE], exports: [STORE] }] };
      },
    ],
  ];

  it.each(ways)('gives each its own values, by %s', async (_way, give) => {
    const stores: Store[] = [{ items: [] }, { items: [] }];
    const apps = [];
    for (const store of stores) {
      class App {}
      Module({
        imports: [
          HttpPoolModule.forRoot([{ name: 'admin', listen: '127.0.0.1:0' }]),
          feature(give(store)),
        ],
      })(App);
      const app = opened.app(await create(App));
      await app.init();
      apps.push(app);
    }
    stores[0]!.items.push('one');
    stores[1]!.items.push('two');
    const found = apps.map((app) => app.get('STORE', { strict: false }) as Store);
    expect([found[0] === stores[0], found[1] === stores[1]]).toEqual([true, true]);
    expect(await Promise.all(apps.map((app) => textOf(urlOf(app, 'admin', '/items'))))).toEqual([
      'one',
      'two',
    ]);
  });
});

class Plain {}
const first = ([store]: Store[]): Store => store!;
const refuse = (): never => {
  throw new Error('was read');
};

describe('forFeature', () => {
  const shared = { items: [] };
  const setup = (): void => undefined;
  const asked: [string, () => Partial<HttpPoolFeatureOptions>][] = [
    ['a class', () => ({ providers: [Plain] })],
    ['an object that both have', () => ({ providers: [{ provide: 'STORE', useValue: shared }] })],
    ['a text', () => ({ providers: [{ provide: 'STORE', useValue: 'text' }] })],
    [
      'a factory',
      () => ({
        providers: [
          { provide: 'STORE', inject: [Plain, { token: 'a', optional: true }], useFactory: first },
        ],
      }),
    ],
    ['names in a list', () => ({ server: ['admin'], inherit: false, exports: ['STORE'], setup })],
  ];

  it.each(asked)('makes one module of two calls with %s', (_what, give) => {
    expect(feature(give())).toBe(feature(give()));
  });

  const values: [string, () => object][] = [
    ['look alike', () => ({ items: [] })],
    [
      'hold themselves',
      () => {
        const value: Record<string, unknown> = {};
        return (value['self'] = value);
      },
    ],
    [
      'have getters that throw',
      () => Object.defineProperty({}, 'lazy', { enumerable: true, get: refuse }),
    ],
    ['are proxies', () => new Proxy({}, { get: refuse, ownKeys: refuse, getPrototypeOf: refuse })],
    ['are lists', () => [[]]],
  ];

  it.each(values)(
    'makes two modules of calls with values that %s, and does not look into them',
    (_what, make) => {
      const call = () => feature({ providers: [{ provide: 'STORE', useValue: make() }] });
      expect(call()).not.toBe(call());
      const listed = () => feature({ imports: [make() as never] });
      if (!Array.isArray(make())) expect(listed()).not.toBe(listed());
      const lazy = () =>
        feature({
          providers: [
            Object.defineProperty({ provide: 'STORE' }, 'useValue', {
              enumerable: true,
              get: make,
            }) as never,
          ],
        });
      expect(lazy()).not.toBe(lazy());
      const whole = () =>
        feature({
          providers: [make() as never].filter((each) => !Array.isArray(each)),
          inherit: true,
        });
      if (!Array.isArray(make())) expect(whole()).not.toBe(whole());
    },
  );
});
