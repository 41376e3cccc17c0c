import { describe, expect, it } from '@jest/globals';
import { PoolError } from '../errors/pool.error.js';
import { handlerKeyOf } from '../config/handler-key.js';
import { HandlerRegistry, resolveHandler } from './handler-registry.js';
import { toHandler, type Handler, type HandlerEntry } from './handler.js';

const listener = (): HandlerEntry => () => undefined;
const entries = { default: listener(), api: listener() };
const handler = (): Handler => ({ request: () => undefined });

describe('handlerKeyOf', () => {
  it.each([
    [undefined, ''],
    ['', ''],
    ['default', ''],
    ['api', 'api'],
    ['Default', 'Default'],
  ])('makes of %p %p', (key, expected) => {
    expect(handlerKeyOf(key)).toBe(expected);
  });
});

describe('HandlerRegistry', () => {
  it('is empty without a source', () => {
    const registry = new HandlerRegistry();
    expect(registry.hasSource).toBe(false);
    expect(registry.keys()).toEqual([]);
    expect(registry.get('')).toBeUndefined();
    expect(registry.has('api')).toBe(false);
  });

  it('finds entries by key, the default one by any of its names', () => {
    const registry = new HandlerRegistry(() => entries);
    for (const key of [undefined, '', 'default']) expect(registry.get(key)).toBe(entries.default);
    expect(registry.get('api')).toBe(entries.api);
    expect(registry.has('API')).toBe(false);
    expect(registry.keys()).toEqual(['', 'api']);
  });

  it("takes '' before 'default' when a source has both, in either order", () => {
    const [empty, named] = [listener(), listener()];
    expect(new HandlerRegistry(() => ({ '': empty, default: named })).get('')).toBe(empty);
    expect(new HandlerRegistry(() => ({ default: named, '': empty })).get('')).toBe(empty);
  });

  it('has no key for an entry that is undefined', () => {
    const source = () => ({ api: undefined }) as unknown as Record<string, HandlerEntry>;
    expect(new HandlerRegistry(source).keys()).toEqual([]);
  });

  it('makes a handler of a listener, and leaves a handler as it is', () => {
    const whole = handler();
    const registry = new HandlerRegistry(() => ({ ...entries, whole }));
    expect(registry.entry('api')).toEqual({ request: entries.api });
    expect(registry.entry('whole')).toBe(whole);
    expect(registry.entry('missing')).toBeUndefined();
  });

  it.each([
    [null, /must return an object/],
    ['text', /must return an object/],
    [{ api: null }, /handlers\['api'\]: expected a request listener, got null/],
    [{ api: 'text' }, /handlers\['api'\]: expected a request listener, got the string 'text'/],
    [{ api: { request: 1 } }, /handlers\['api'\]/],
    [{ api: { request: listener(), upgrade: null } }, /handlers\['api'\]\.upgrade: .*, got null/],
    [{ api: { request: listener(), clientError: {} } }, /handlers\['api'\]\.clientError/],
  ])('refuses a source that returns %j', (answer, message) => {
    expect(() => new HandlerRegistry(() => answer as never)).toThrow(message);
  });

  it('keeps the entries it has when a new source is refused', () => {
    const registry = new HandlerRegistry(() => entries);
    expect(() => registry.setSource(() => null as never)).toThrow(PoolError);
    expect(registry.get('api')).toBe(entries.api);
  });

  it('has a copy whose source changes alone, and which has what the application gives', () => {
    const registry = new HandlerRegistry(() => entries);
    const [bound, fallback] = [handler(), handler()];
    const copy = registry.clone();
    registry.bind('web', bound);
    registry.setFallback(fallback);
    copy.setSource(undefined);
    expect([copy.boundTo('web'), copy.default(), copy.hasSource]).toEqual([bound, fallback, false]);
    expect(registry.get('api')).toBe(entries.api);
  });

  it('keeps what stands before a name to itself, and copies what is bound to that name', () => {
    const registry = new HandlerRegistry();
    const [front, bound] = [handler(), handler()];
    registry.putBefore('web', () => front);
    expect([registry.boundTo('web'), registry.clone().boundTo('web')]).toEqual([front, undefined]);
    registry.bind('web', bound);
    expect([registry.boundTo('web'), registry.clone().boundTo('web')]).toEqual([front, bound]);
  });
});

describe('resolveHandler', () => {
  const [bound, fallback] = [handler(), handler()];
  const own = new HandlerRegistry(() => ({ default: entries.api }));

  const shared = (source?: () => Record<string, HandlerEntry>): HandlerRegistry => {
    const registry = new HandlerRegistry(source);
    registry.setFallback(fallback);
    return registry;
  };

  it('takes what is bound to the server before anything else', () => {
    const pool = shared(() => entries);
    expect(resolveHandler(bound, '', own, pool)).toBe(bound);
    expect(resolveHandler(bound, 'default', own, shared())).toBe(bound);
  });

  it('takes what is bound only for the default key', () => {
    const pool = shared(() => entries);
    expect(resolveHandler(bound, 'api', undefined, pool)).toEqual(toHandler(entries.api));
  });

  it('takes its own entries before those of the pool, and none of the pool beside its own', () => {
    const pool = shared(() => entries);
    expect(resolveHandler(undefined, '', own, pool)).toEqual(toHandler(entries.api));
    expect(resolveHandler(undefined, 'api', own, pool)).toBeUndefined();
  });

  it('takes the entry of the pool, then the fallback', () => {
    const fromPool = resolveHandler(
      undefined,
      '',
      undefined,
      shared(() => entries),
    );
    expect(fromPool).toEqual(toHandler(entries.default));
    expect(resolveHandler(undefined, '', undefined, shared())).toBe(fallback);
  });

  it('falls back for the default key alone', () => {
    expect(resolveHandler(undefined, 'missing', undefined, shared())).toBeUndefined();
    expect(resolveHandler(undefined, '', undefined, undefined)).toBeUndefined();
  });
});
