import { areSubscribed, diagnosticsOf } from '../transport/events/diagnostics.js';
import { tellAll, type ServerEvents } from '../transport/events/server-events.js';

/** Whose observers they are. */
interface ObservedHost {
  readonly owner: unknown;
  /** An observer threw. */
  observerFailed(error: unknown): void;
}

/** Those who watch a server, and with them the subscribers of the process, who come and go. */
export class Observers {
  private observers: readonly ServerEvents[] = [];
  private told: ServerEvents | undefined;
  /** Made when somebody has subscribed. */
  private toldWithDiagnostics: ServerEvents | undefined;

  constructor(private readonly host: ObservedHost) {}

  /** One object for all of them, as of now; undefined: nobody watches. */
  get events(): ServerEvents | undefined {
    return areSubscribed() ? this.toldToAll() : this.told;
  }

  /** Until the returned function is called. */
  add(observer: ServerEvents): () => void {
    this.set([...this.observers, observer]);
    return () => this.set(this.observers.filter((each) => each !== observer));
  }

  private set(observers: readonly ServerEvents[]): void {
    this.observers = observers;
    this.told = this.tell(observers);
    this.toldWithDiagnostics = undefined;
  }

  private toldToAll(): ServerEvents | undefined {
    this.toldWithDiagnostics ??= this.tell([...this.observers, diagnosticsOf(this.host.owner)]);
    return this.toldWithDiagnostics;
  }

  private tell(observers: readonly ServerEvents[]): ServerEvents | undefined {
    return tellAll(observers, (error) => this.host.observerFailed(error));
  }
}
