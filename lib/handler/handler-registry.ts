import { handlerKeyOf } from '../config/handler-key.js';
import { toHandler, type Handler, type HandlerEntry, type HandlerSource } from './handler.js';
import { readSource } from './read-source.js';

/** Makes the handler of a server of the one that comes after, if there is one. */
type Front = (next: Handler | undefined) => Handler;

/** What an application gives a registry, beside the entries of its source. */
class ApplicationEntries {
  readonly bound = new Map<string, Handler>();
  readonly fronts = new Map<string, Front>();
  fallback: Handler | undefined;
  /** Why there is no fallback, where there should be one. */
  refusal: string | undefined;
}

/**
 * Where a pool's servers find their handlers. Three layers: handlers bound to one server by name,
 * the source's entries by key, and a fallback for the default key.
 */
export class HandlerRegistry {
  private entries: ReadonlyMap<string, HandlerEntry> | undefined;
  private handlers = new Map<string, Handler>();
  private application = new ApplicationEntries();

  constructor(source?: HandlerSource) {
    this.setSource(source);
  }

  /** True when there is a source at all, so that a key it lacks can be called a fault. */
  get hasSource(): boolean {
    return this.entries !== undefined;
  }

  /** @throws PoolError `ERR_POOL_VALIDATE`, with what the source threw as its cause */
  setSource(source: HandlerSource | undefined): void {
    this.entries = source === undefined ? undefined : readSource(source);
    this.handlers = new Map();
  }

  /** Nothing can be served from it. */
  get isEmpty(): boolean {
    const { fallback, bound } = this.application;
    return this.entries === undefined && fallback === undefined && bound.size === 0;
  }

  /** Serves `name` before any entry of the source, whatever the source says. */
  bind(name: string, handler: Handler): void {
    const { bound, fronts } = this.application;
    bound.set(name, fronts.get(name)?.(handler) ?? handler);
  }

  /** Serves `name` by what stands before anything that is bound to it, now or later. */
  putBefore(name: string, front: Front): void {
    const { bound, fronts } = this.application;
    fronts.set(name, front);
    bound.set(name, front(bound.get(name)));
  }

  /** Serves the default key where nothing else does. */
  setFallback(handler: Handler | undefined): void {
    this.application.fallback = handler;
  }

  /** There is nothing to fall back on: a server that would need it is not to be started. */
  refuseFallback(reason: string): void {
    this.application.refusal = reason;
  }

  /** Why a server that finds no handler is not to be started; undefined: it answers 500. */
  get fallbackRefusal(): string | undefined {
    return this.application.refusal;
  }

  keys(): string[] {
    return [...(this.entries?.keys() ?? [])];
  }

  has(key: string | undefined): boolean {
    return this.get(key) !== undefined;
  }

  /** The entry as the source gave it. */
  get(key: string | undefined): HandlerEntry | undefined {
    return this.entries?.get(handlerKeyOf(key));
  }

  entry(key: string | undefined): Handler | undefined {
    const normalized = handlerKeyOf(key);
    const known = this.handlers.get(normalized);
    const entry = known ? undefined : this.entries?.get(normalized);
    if (entry === undefined) return known;
    const handler = toHandler(entry);
    this.handlers.set(normalized, handler);
    return handler;
  }

  boundTo(name: string): Handler | undefined {
    return this.application.bound.get(name);
  }

  default(): Handler | undefined {
    return this.application.fallback;
  }

  /** A copy that changes alone. */
  clone(): HandlerRegistry {
    const copy = new HandlerRegistry();
    const { bound, fronts, fallback, refusal } = this.application;
    copy.entries = this.entries;
    copy.application.fallback = fallback;
    copy.application.refusal = refusal;
    for (const [name, handler] of bound) {
      // A front tells of the pool that it was made for.
      if (!fronts.has(name)) copy.application.bound.set(name, handler);
    }
    return copy;
  }

  /** For a server that leaves the pool: it keeps the present source, and shares the rest as before. */
  withPresentSource(): HandlerRegistry {
    const copy = new HandlerRegistry();
    copy.entries = this.entries;
    copy.handlers = this.handlers;
    copy.application = this.application;
    return copy;
  }
}

/**
 * The order in which a server looks for its handler: bound to it by name, its own source, the
 * pool's source, the fallback. Only the default key can be bound or fall back.
 *
 * @param name What handlers are bound to it by, where some are
 */
export function resolveHandler(
  name: string | undefined,
  key: string,
  own: HandlerRegistry | undefined,
  shared: HandlerRegistry | undefined,
): Handler | undefined {
  const isDefault = handlerKeyOf(key) === '';
  const bound = isDefault && name !== undefined ? shared?.boundTo(name) : undefined;
  if (bound) return bound;
  const entry = (own ?? shared)?.entry(key);
  if (entry) return entry;
  return isDefault ? shared?.default() : undefined;
}
