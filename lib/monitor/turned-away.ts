/** Who tells whom it turns away because there are too many. */
interface TurningAway {
  observe(observer: Pick<TurnedAway, 'requestShed' | 'connectionRefused'>): () => void;
}

/** The port that a client comes from; undefined over a unix socket, and of one that is gone. */
type ClientPort = number | undefined;

/**
 * Whom a server turns away while a check is under way. Others may be turned away meanwhile, which says nothing of what
 * the check itself is answered: they are told apart by their ports.
 */
export class TurnedAway {
  private readonly requests = new Set<ClientPort>();
  private readonly connections = new Set<ClientPort>();
  private readonly stop: () => void;

  constructor(server: TurningAway) {
    this.stop = server.observe(this);
  }

  requestShed({ socket }: { readonly socket: { readonly remotePort?: ClientPort } }): void {
    this.requests.add(socket.remotePort);
  }

  connectionRefused(reason: string, port?: ClientPort): void {
    if (reason === 'limit') this.connections.add(port);
  }

  /** Whether a request that came from there was; where that is not known, whether one was. */
  hasRequestFrom(port: ClientPort): boolean {
    return hasOneFrom(port, this.requests);
  }

  /** The same for a connection. */
  hasConnectionFrom(port: ClientPort): boolean {
    return hasOneFrom(port, this.connections);
  }

  close(): void {
    this.stop();
  }
}

function hasOneFrom(port: ClientPort, turnedAway: ReadonlySet<ClientPort>): boolean {
  return port === undefined ? turnedAway.size > 0 : turnedAway.has(port);
}
