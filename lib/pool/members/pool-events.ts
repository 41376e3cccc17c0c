import { Observable, Subscriber, type Observer, type Operator, type Subscription } from 'rxjs';
import { messageOf, printable, stackOf } from '../../errors/printable.js';
import { warnOnce } from '../../errors/warn-once.js';
import { deliver, guarded } from '../../server/deliver.js';
import { logLater } from '../../server/log/guarded-logger.js';
import type { PoolLogger } from '../../server/log/pool-logger.js';
import type { PooledServer } from '../../server/pooled-server.js';
import type { ServerChange } from '../../server/server-state.js';
import type { PoolEvent } from './pool-event.js';
import type { ServerMatcher } from './server-query.js';

interface Audience {
  readonly matches: ServerMatcher;
  readonly subscriber: Subscriber<PoolEvent>;
}

type OnFailure = (error: unknown) => void;

/** What an event says beside what the server is at that moment. */
type Told = Pick<PoolEvent, 'type'> & Partial<Omit<ServerChange, 'type'>>;

/** Tells events to who has subscribed before they happened, to all in one order. */
export class PoolEvents {
  private readonly audience = new Set<Audience>();

  constructor(private readonly logger: PoolLogger) {}

  /** The events of the servers that match when the event happens. */
  of(matches: ServerMatcher): Observable<PoolEvent> {
    const onFailure = (error: unknown): void => this.subscriberFailed(error);
    return new GuardedObservable(onFailure, (subscriber) => {
      const entry = { matches, subscriber };
      this.audience.add(entry);
      return () => this.audience.delete(entry);
    });
  }

  /** To those who have subscribed by now. */
  tell(server: PooledServer, change: Told): void {
    if (this.audience.size === 0) return;
    const told = [...this.audience].filter(({ matches }) => matches(server));
    if (told.length === 0) return;
    const event = eventOf(server, change);
    deliver(() => {
      // One that has unsubscribed meanwhile is closed, and drops it.
      for (const { subscriber } of told) subscriber.next(event);
    });
  }

  private subscriberFailed(error: unknown): void {
    const text = `a subscriber of the events of a pool failed: ${messageOf(error)}`;
    logLater(this.logger, 'error', printable(text), stackOf(error));
  }
}

function eventOf({ name, bind, state }: PooledServer, change: Told): PoolEvent {
  const { previous = state } = change;
  return Object.freeze({ state, ...change, previous, server: name, bind, time: Date.now() });
}

/**
 * Whose subscribers may throw: by itself RxJS would throw the error again where nobody can catch it,
 * and the process would die of one faulty subscriber. What is made of it by operators is guarded too: they make it
 * by `lift`, which RxJS does not document for others. Read from `Observable.ts` and `util/lift.ts` of rxjs 7.8.2;
 * `rxjs-internals.spec.ts` beside this file fails by name where a version has no such way, and the process is warned.
 */
class GuardedObservable<T = PoolEvent> extends Observable<T> {
  constructor(
    private readonly onFailure: OnFailure,
    subscribe?: (subscriber: Subscriber<T>) => () => void,
  ) {
    super(subscribe);
    if (!('lift' in Observable.prototype)) {
      warnOnce(
        'This version of rxjs has no lift on its observables, where nestjs-http-pool guards what operators make: a subscriber ' +
          'of events$ that throws behind an operator ends the process. Please report it to nestjs-http-pool',
        'HTTP_POOL_RXJS',
      );
    }
  }

  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const lifted = new GuardedObservable<R>(this.onFailure);
    lifted.source = this;
    lifted.operator = operator;
    return lifted;
  }

  override subscribe(
    subscribed?: Partial<Observer<T>> | ((value: T) => void) | null,
    onError?: ((error: unknown) => void) | null,
    onComplete?: (() => void) | null,
  ): Subscription {
    // An operator: its own subscriber is guarded where it subscribes.
    if (subscribed instanceof Subscriber) return super.subscribe(subscribed);
    const observer = asObserver(subscribed, onError, onComplete);
    const guard = (call: () => unknown): void => guarded(call, this.onFailure);
    return super.subscribe({
      next: (value) => guard(() => observer.next?.(value)),
      // Of an operator that threw: it has ended, and nobody else hears of it.
      error: (error) =>
        observer.error ? guard(() => observer.error?.(error)) : this.onFailure(error),
      complete: () => guard(() => observer.complete?.()),
    });
  }
}

function asObserver<T>(
  subscribed: Partial<Observer<T>> | ((value: T) => void) | null | undefined,
  onError: ((error: unknown) => void) | null | undefined,
  onComplete: (() => void) | null | undefined,
): Partial<Observer<T>> {
  if (typeof subscribed !== 'function') return subscribed ?? {};
  return { next: subscribed, error: onError ?? undefined, complete: onComplete ?? undefined };
}
