import type { ServerSettings } from '../../config/server-settings.js';
import { beginChange } from '../../tls/file-texts.js';
import { saysTls } from '../../tls/read-tls.js';
import type { TlsMaterial } from '../../tls/tls-material.js';
import type { DrainOutcome } from '../drain/drain.js';
import type { Grace } from '../drain/grace.js';
import { bindNext } from '../listener/bind-next.js';
import type { Listener, ListenerOwner } from '../listener/listener.js';
import type { Transport, TransportSpec } from '../transport/transport.js';
import { changeKind, unservedKind, type ChangeKind } from './change-kind.js';
import { Endpoint } from './endpoint.js';
import { readMaterial } from './read-material.js';
import { Serving } from './serving.js';
import { bindOptions, type StagedChange, type StageOptions } from './staged-change.js';

/** Opens, renews and stops what a server serves with, and changes it to another config. Knows no states and no queue. */
export class ServerRuntime extends Serving {
  /** Reads what the config points at, and binds unless a bound listener is handed over. */
  async open(options: StageOptions): Promise<void> {
    const { handlersAt } = this;
    beginChange();
    const read = this.read(this.settings, options);
    const spec = read instanceof Promise ? await read : read;
    this.begin(await this.bind(spec, options), spec, handlersAt);
  }

  /** A new transport on the same socket, with certificates read anew. */
  async renew(options: StageOptions): Promise<void> {
    const { endpoint } = this;
    if (endpoint === undefined) return;
    beginChange();
    const spec = await this.read(this.settings, options);
    if (this.bound === undefined) throw new Error('its listener was lost meanwhile');
    endpoint.swap(endpoint.prepare(spec), spec);
    this.adoptMaterial(spec.material);
    this.refreshHandler();
  }

  /** Undefined where there is nothing to drain. What has drained is let go by {@link close}. */
  drain(grace: Grace, graceMs: number): Promise<DrainOutcome> | undefined {
    return this.endpoint?.stop({ ...this.settings.shutdown, graceMs, grace });
  }

  close(): void {
    this.endpoint = undefined;
    this.limits?.keepWatch({ isRunning: false });
  }

  /** What of a config differs from the present one, and what it would take. Binds nothing. */
  async kindOf(settings: ServerSettings, options: StageOptions): Promise<ChangeKind> {
    return (await this.decide(settings, options)).kind;
  }

  /** Does all of a change that can fail. */
  async stage(settings: ServerSettings, options: StageOptions = {}): Promise<StagedChange> {
    const { endpoint } = this;
    if (options.start && this.bound === undefined) return this.stageOpen(settings, options);
    const { kind, spec } = await this.decide(settings, options);
    if (endpoint === undefined || spec === undefined) return this.stageStopped(settings, kind);
    if (kind === 'rebind') return this.stageRebind(endpoint, spec, options);
    const next = kind === 'swap' ? this.prepare(endpoint, spec) : undefined;
    return {
      kind,
      commit: () => {
        this.adopt(spec);
        if (next) endpoint.swap(next, spec);
        else if (kind === 'live') endpoint.reconfigure(spec);
        this.settle(next);
        return undefined;
      },
      discard: async () => {
        this.settle(next);
        if (next) endpoint.discard(next);
      },
    };
  }

  /** Binds the address again if it was given up for a change that was discarded. */
  async restore(): Promise<void> {
    await this.endpoint?.restore(this.settings.limits.maxConnections);
  }

  /** Decides what a config takes, by all that it is served with, which is read once. */
  private async decide(
    settings: ServerSettings,
    options: StageOptions,
  ): Promise<{ kind: ChangeKind; spec?: TransportSpec }> {
    // One that is disabled stops once the config is in force: what it would serve with need not be had.
    if (this.bound === undefined || settings.disabled) {
      return { kind: unservedKind(this.settings, settings) };
    }
    const spec = await this.read(settings, options);
    if (spec.material !== undefined && spec.material === this.material) this.host.tlsReread();
    const before = { ...spec, settings: this.settings, material: this.material };
    return { kind: changeKind(before, spec), spec };
  }

  /** Binds, so that nothing is left that can fail; serves when it is committed. */
  private async stageOpen(settings: ServerSettings, options: StageOptions): Promise<StagedChange> {
    const spec = await this.read(settings, options);
    const endpoint = await this.bind(spec, options);
    return {
      kind: unservedKind(this.settings, settings),
      commit: () => {
        // A server on its way into a pool has been told of none of the handlers that the pool was given meanwhile.
        this.begin(endpoint, spec);
        return undefined;
      },
      discard: async () => {
        this.settle(endpoint);
        endpoint.close();
      },
    };
  }

  /** Binds, unless the address is among the vacated. */
  private bind(spec: TransportSpec, options: StageOptions): Promise<Endpoint> {
    const endpoint = new Endpoint(this, spec);
    this.keepStaged(endpoint);
    return bindNext(spec.settings, endpoint, bindOptions(options)).then(
      (listener) => endpoint.listenOn(listener),
      (error) => {
        this.settle(endpoint);
        endpoint.closeUnbound();
        throw error;
      },
    );
  }

  /**
   * @param handlersAt When the handler of the spec was found: it holds unless others have come since. Without it
   *   the handler is looked up anew
   */
  private begin(endpoint: Endpoint, spec: TransportSpec, handlersAt?: number): void {
    const former = this.endpoint;
    this.adopt(spec);
    // A server whose listener died still has the connections it had.
    endpoint.begin(spec, former);
    this.endpoint = endpoint;
    if (former === undefined && handlersAt === this.handlersAt) this.unstage(endpoint);
    else this.settle(endpoint);
  }

  private stageStopped(settings: ServerSettings, kind: ChangeKind): StagedChange {
    const commit = (): undefined => {
      this.adoptSettings(settings);
    };
    return { kind, commit, discard: async () => undefined };
  }

  /** The new address is bound, and the new transport made, before the old one is let go. */
  private async stageRebind(
    endpoint: Endpoint,
    spec: TransportSpec,
    options: StageOptions,
  ): Promise<StagedChange> {
    const next = this.prepare(endpoint, spec);
    try {
      // Until the change is in force, its death is nobody's: then it is the endpoint's.
      const owner: ListenerOwner = {
        accept: (socket) => next.accept(socket),
        listenerDied: () => undefined,
      };
      const vacated = [...(options.vacated ?? []), endpoint.listener as Listener];
      const listener = await bindNext(spec.settings, owner, {
        ...bindOptions(options),
        vacated,
      });
      return {
        kind: 'rebind',
        commit: () => {
          this.adopt(spec);
          const moved = endpoint.move(listener, next, spec);
          this.settle(next);
          return moved;
        },
        discard: async () => {
          this.settle(next);
          if (!vacated.includes(listener)) listener.close();
          endpoint.discard(next);
        },
      };
    } catch (error) {
      this.settle(next);
      endpoint.discard(next);
      throw error;
    }
  }

  /** Makes a transport that takes up new handlers from now on, though it is not in force yet. */
  private prepare(endpoint: Endpoint, spec: TransportSpec): Transport {
    const next = endpoint.prepare(spec);
    this.keepStaged(next);
    return next;
  }

  /** Most servers say nothing of TLS, and nothing is read for them. */
  private read(
    settings: ServerSettings,
    options: StageOptions,
  ): TransportSpec | Promise<TransportSpec> {
    const specOf = (material: TlsMaterial | undefined): TransportSpec => {
      return { settings, material, handler: this.handlerFor(settings) };
    };
    if (!saysTls(settings)) return specOf(undefined);
    return readMaterial(settings, this.defaultTls, options).then(specOf);
  }
}
