import { AsyncLocalStorage } from 'node:async_hooks';
import { fastifyRequestHooksOf } from './fastify.js';
import { sayUnfamiliar } from './unfamiliar.js';

/*
 * The set-up of a Fastify instance, written down as it happens, for Fastify keeps no list of the plugins
 * that were registered with their options. Read from fastify 5.12.8 and the adapters of Nest 11.2 and 12.5;
 * `test/nest/internals.e2e-spec.ts` fails by name where a new version differs.
 */

/** One call of a method of the instance. */
export interface FastifyCall {
  readonly method: (typeof METHODS)[number];
  readonly args: readonly unknown[];
}

/** What is done as a whole: a plugin, or a method of the adapter by its name. */
type Whole = string;

type Callable = (this: unknown, ...args: unknown[]) => unknown;

const METHODS = ['register', 'addHook', 'decorate', 'decorateRequest', 'decorateReply'] as const;

/** Methods of the adapter that load what was registered before, too. */
const LOADING = ['init', 'registerMiddie'];

/** Methods of the adapter: what they do to the instance, every adapter does to its own. */
const OF_THE_ADAPTER = [
  ...LOADING,
  'initHttpServer',
  'registerParserMiddleware',
  'createMiddlewareFactory',
  'enableCors',
  'useMultipart',
  'registerSecurityHook',
];

/** Whether what is done to an instance now is done to each of them. */
let isUnrecorded = false;

/** What is done to an instance within this call is not written down: it is done to each of them. */
export function unrecorded(work: () => void): void {
  isUnrecorded = true;
  try {
    work();
  } finally {
    isUnrecorded = false;
  }
}

/** Writes down what is done to the instance of an adapter from now on. */
export class FastifyCalls {
  readonly calls: FastifyCall[] = [];
  /** Of each `enableCors()` of the adapter. */
  readonly cors: (readonly unknown[])[] = [];
  /** Within a plugin, which is set up as a whole, or within the adapter. */
  private readonly within = new AsyncLocalStorage<Whole>();
  /** The hooks that were added to the instance since; those that are to hold elsewhere are among the calls. */
  private readonly hooks = new Set<unknown>();
  private isOver = false;

  constructor(
    adapter: object,
    private readonly instance: object,
  ) {
    for (const method of METHODS) {
      const original: unknown = Reflect.get(instance, method);
      if (typeof original !== 'function') {
        sayUnfamiliar('fastify', `\`${method}()\``);
        continue;
      }
      shadow(instance, method, this.recording(instance, method, original as Callable));
    }
    for (const method of OF_THE_ADAPTER) {
      const original: unknown = Reflect.get(adapter, method);
      if (typeof original !== 'function') continue;
      shadow(adapter, method, (...args) => {
        if (method === 'enableCors') this.cors.push(args);
        return this.runWithin(method, original as Callable, adapter, args);
      });
    }
  }

  /**
   * The hooks that the application had added to the instance before. Every adapter adds some to its own
   * instance: these are known by their text, for each adapter makes them anew.
   *
   * @param fresh The instance of another adapter, which nobody else has touched
   */
  earlierThan(fresh: unknown): FastifyCall[] {
    const ofAdapter = new Set(fastifyRequestHooksOf(fresh).map(({ hook }) => String(hook)));
    return fastifyRequestHooksOf(this.instance)
      .filter(({ hook }) => !this.hooks.has(hook) && !ofAdapter.has(String(hook)))
      .map(({ name, hook }) => ({ method: 'addHook', args: [name, hook] }));
  }

  /**
   * The instance is set up, and nothing more is written down. While a storage is in use, Node before 24
   * tells it of every promise of the process: a request of Fastify costs a quarter more.
   */
  close(): void {
    this.isOver = true;
    this.within.disable();
  }

  private recording(instance: object, method: FastifyCall['method'], original: Callable): Callable {
    const isWhole = (self: unknown): boolean =>
      // The instance of a plugin has the methods of the whole one as its own.
      self === instance && !this.isOver && !isUnrecorded && !this.within.getStore();
    const record = (args: unknown[]): unknown[] => {
      this.calls.push({ method, args });
      return method === 'register' ? [this.watched(args[0]), ...args.slice(1)] : args;
    };
    const note = (args: unknown[]): void => {
      const isLoading = LOADING.includes(this.within.getStore() ?? '');
      if (method === 'addHook' && !isLoading) this.hooks.add(args[1]);
    };
    return function (...args) {
      note(args);
      return Reflect.apply(original, this, isWhole(this) ? record(args) : args);
    };
  }

  /** The plugin, which is known as such while it runs, however long that takes. */
  private watched(plugin: unknown): unknown {
    if (plugin instanceof Promise) return plugin.then((loaded) => this.watched(loaded));
    if (typeof plugin === 'function') {
      // A proxy, for a plugin carries its name and its needs on the function.
      return new Proxy(plugin as Callable, {
        apply: (target, self, args: unknown[]) => this.runWithin('plugin', target, self, args),
      });
    }
    const inner = functionOf(plugin);
    return inner === undefined ? plugin : this.watched(inner);
  }

  private runWithin(whole: Whole, work: Callable, self: unknown, args: unknown[]): unknown {
    const run = (): unknown => Reflect.apply(work, self, args);
    return this.isOver ? run() : this.within.run(whole, run);
  }
}

/** The call on another instance. */
export function repeatCall(instance: unknown, { method, args }: FastifyCall): void {
  Reflect.apply((instance as Record<string, Callable>)[method] as Callable, instance, [...args]);
}

/** A call of a method of the adapter on another one. */
export function repeatOnAdapter(adapter: object, method: string, args: readonly unknown[]): void {
  Reflect.apply(Reflect.get(adapter, method) as Callable, adapter, [...args]);
}

/** What to call it by: the name that a plugin has in Fastify, or that of its function. */
export async function nameOfCall({ method, args }: FastifyCall): Promise<string | undefined> {
  if (method === 'register') {
    const plugin = functionOf(await args[0]);
    const display: unknown = Reflect.get(plugin ?? {}, Symbol.for('fastify.display-name'));
    return `the plugin ${typeof display === 'string' ? display : plugin?.name || '(unnamed)'}`;
  }
  if (method !== 'addHook') return undefined;
  const hook = args[1] as { name?: string } | undefined;
  return `the hook ${String(args[0])}${hook?.name ? ` (${hook.name})` : ''}`;
}

/** Fastify takes the module of a plugin for its default export. */
function functionOf(plugin: unknown): Callable | undefined {
  if (typeof plugin === 'function') return plugin as Callable;
  if (typeof plugin !== 'object' || plugin === null) return undefined;
  return functionOf((plugin as { default?: unknown }).default);
}

function shadow(owner: object, key: string, value: Callable): void {
  Object.defineProperty(owner, key, { configurable: true, writable: true, value });
}
