import { handlerKeyOf } from '../config/handler-key.js';
import { toHandler, type Handler, type HandlerEntry, type HandlerSource } from './handler.js';
import { readSource } from './read-source.js';

/** Makes the handler of a server of the one that comes after, if there is one. */
type Front = (next: Handler | undefined) => Handler;

/** What an application gives the registries of its pool, beside the entries of their sources. */
class ApplicationEntries {
  /** The names that it binds something to, now or later. */
  readonly names = new Set<string>();
  readonly bound = new Map<string, Handler>();
  readonly fronts = new Map<string, Front>();
  /** What is bound, behind the front of its name where there is one. */
  readonly fronted = new Map<string, Handler>();
  fallback: Handler | undefined;
  /** Tells why there is no fallback, where there should be one. */
  refusal: () => string | undefined = () => undefined;
}

/** What an application binds to one name, as it is at any time. */
export interface Binding {
  readonly handler: Handler | undefined;
}

/**
 * Where a pool's servers find their handlers. Three layers: handlers bound to one server by name,
 * the source's entries by key, and a fallback for the default key.
 */
export class HandlerRegistry {
  private entries: ReadonlyMap<string, HandlerEntry> | undefined;
  private handlers = new Map<string, Handler>();
  private application = new ApplicationEntries();
  private hasFronts = true;

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
    const { fallback } = this.application;
    return this.entries === undefined && fallback === undefined && this.bound.size === 0;
  }

  /** Something will be bound to these names: a server that has one of them now is to have it then. */
  reserve(names: Iterable<string>): void {
    for (const name of names) this.application.names.add(name);
  }

  /** Whether a server of this name is to be served by what is bound to it. */
  binds(name: string): boolean {
    return this.bound.has(name) || this.application.names.has(name);
  }

  /** Serves `name` before any entry of the source, whatever the source says. */
  bind(name: string, handler: Handler): void {
    const { bound, fronts, fronted } = this.application;
    bound.set(name, handler);
    fronted.set(name, fronts.get(name)?.(handler) ?? handler);
  }

  /** Serves `name` by what stands before anything that is bound to it, now or later. */
  putBefore(name: string, front: Front): void {
    const { bound, fronts, fronted } = this.application;
    fronts.set(name, front);
    fronted.set(name, front(bound.get(name)));
  }

  /** Serves the default key where nothing else does. */
  setFallback(handler: Handler | undefined): void {
    this.application.fallback = handler;
  }

  /**
   * A server that would need the fallback is not to be started while there is none.
   *
   * @param refusal Tells why, at each start; undefined: such a server may be started
   */
  refuseFallback(refusal: () => string | undefined): void {
    this.application.refusal = refusal;
  }

  /** Why a server that finds no handler is not to be started; undefined: it answers 500. */
  get fallbackRefusal(): string | undefined {
    return this.application.refusal();
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
    return this.bound.get(name);
  }

  /** For a server: whatever pool it comes to, it is served by what is bound to this name here. */
  bindingOf(name: string): Binding {
    const { bound } = this;
    return {
      get handler() {
        return bound.get(name);
      },
    };
  }

  default(): Handler | undefined {
    return this.application.fallback;
  }

  /** For a copy of the pool: its source changes alone. A front tells of the pool that it was made for. */
  clone(): HandlerRegistry {
    const copy = this.withSourceOf(this);
    copy.hasFronts = false;
    return copy;
  }

  /** The entries of another one, from now on alone, with all that the application gives this one. */
  withSourceOf({ entries, handlers }: HandlerRegistry): HandlerRegistry {
    const copy = new HandlerRegistry();
    copy.entries = entries;
    copy.handlers = handlers;
    copy.application = this.application;
    copy.hasFronts = this.hasFronts;
    return copy;
  }

  /** Whether one application gives both what they have beside their entries. */
  isBeside(other: HandlerRegistry): boolean {
    return this.application === other.application;
  }

  private get bound(): ReadonlyMap<string, Handler> {
    const { bound, fronted } = this.application;
    return this.hasFronts ? fronted : bound;
  }
}

/**
 * The order in which a server looks for its handler: bound to it by name, its own source, the
 * pool's source, the fallback. Only the default key can be bound or fall back.
 *
 * @param bound What is bound to it
 */
export function resolveHandler(
  bound: Handler | undefined,
  key: string,
  own: HandlerRegistry | undefined,
  shared: HandlerRegistry | undefined,
): Handler | undefined {
  const isDefault = handlerKeyOf(key) === '';
  if (isDefault && bound) return bound;
  const entry = (own ?? shared)?.entry(key);
  if (entry) return entry;
  return isDefault ? shared?.default() : undefined;
}
