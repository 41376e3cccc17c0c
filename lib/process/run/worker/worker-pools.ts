import type {
  ConnectionAdopter,
  ReservedSocket,
  SocketRequest,
  StoppablePool,
  WorkerHost,
} from '../../../server/listener/worker-host.js';
import type { MovingConnection } from '../messages.js';
import type { FailedStart } from './failed-start.js';
import type { SupervisorLink } from './supervisor-link.js';

/**
 * So long the process must live on when its pool has started: an entry file that throws right behind
 * the start has not come up.
 */
const settleMs = 100;

/** The pools of this process, as they start. */
export class WorkerPools implements WorkerHost {
  private othersServe = false;
  private canMove = false;
  private readonly adopters = new Set<ConnectionAdopter>();
  private readonly pools = new Set<StoppablePool>();
  private underWay = 0;
  private isReady = false;
  private readySoon: NodeJS.Timeout | undefined;

  constructor(
    private readonly link: SupervisorLink,
    private readonly failures: FailedStart,
  ) {}

  /** Whether another process serves on at the addresses of these pools. */
  get servesOn(): boolean {
    return this.othersServe;
  }

  /**
   * Says how what is stopped from here on ends.
   *
   * @param moves Whether the supervisor has a way to give connections to another worker
   */
  leave({ servesOn, moves }: { readonly servesOn: boolean; readonly moves: boolean }): void {
    this.othersServe = servesOn;
    this.canMove = moves;
  }

  get isStarting(): boolean {
    return this.underWay > 0;
  }

  /** Stops those that have started, or may have; resolves, and never rejects, to what came of it. */
  stop(signal: AbortSignal): Promise<PromiseSettledResult<readonly unknown[]>[]> {
    return Promise.allSettled([...this.pools].map((pool) => pool.stop({ signal })));
  }

  starting(pool: StoppablePool, start: Promise<unknown>): void {
    this.pools.add(pool);
    if (!this.isReady) this.failures.watch(this);
    this.underWay += 1;
    clearTimeout(this.readySoon);
    start.then(
      () => this.over(true),
      () => this.over(false),
    );
  }

  started(pool: StoppablePool): void {
    this.pools.add(pool);
    this.settle();
  }

  reserve(request: SocketRequest): Promise<ReservedSocket | undefined> {
    return this.link.reserve(request);
  }

  async moveConnection(address: string, handle: object, facts: object): Promise<boolean> {
    return this.canMove && (await this.link.move({ address, facts }, handle));
  }

  addAdopter(adopter: ConnectionAdopter): () => void {
    this.adopters.add(adopter);
    return () => this.adopters.delete(adopter);
  }

  /** Gives a connection of another process to the listener of its address. */
  adopt({ address, facts }: MovingConnection, handle: object): boolean {
    const all = [...this.adopters].filter(({ bind }) => bind.canonical === address);
    return all.some((adopter) => adopter.adopt(handle, facts));
  }

  private over(isStarted: boolean): void {
    this.underWay -= 1;
    if (isStarted) this.settle();
  }

  private settle(): void {
    if (this.underWay > 0 || this.isReady) return;
    void this.link.tell({ type: 'started' });
    clearTimeout(this.readySoon);
    this.readySoon = setTimeout(() => {
      this.isReady = true;
      this.failures.unwatch();
      void this.link.tell({ type: 'ready' });
    }, settleMs);
  }
}
