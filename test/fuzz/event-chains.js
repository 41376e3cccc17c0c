/** Holds the events of a pool against each other: each follows on the one before, for every subscriber alike. */
export class EventChains {
  events = [];
  again = [];
  faults = [];
  /** What the servers of a name may be in: two are of one name when one leaves and another comes. */
  #states = new Map();

  constructor(pool) {
    pool.events$.subscribe((event) => this.#follow(event));
  }

  /** Subscribes once more, behind all others. */
  listenAgain(pool) {
    pool.events$.subscribe((event) => this.again.push(event));
  }

  #follow(event) {
    this.events.push(event);
    const { type, server, state, previous } = event;
    const states = this.#states.get(server) ?? [];
    this.#states.set(server, states);
    if (type === 'config' || type === 'added') {
      // It may have another name from here on.
      states.push(state);
      return;
    }
    if (type !== 'state') return;
    if (state === previous) this.faults.push(`${server} went from ${previous} to ${state}`);
    const at = states.indexOf(previous);
    if (states.length > 0 && at < 0) {
      this.faults.push(`${server} is told to be ${state} after ${previous}, known ${states}`);
    }
    if (at >= 0) states.splice(at, 1);
    states.push(state);
    if (states.length > 6) states.shift();
  }

  check() {
    const faults = [...this.faults];
    if (this.events.length !== this.again.length) {
      faults.push(`${this.events.length} events for one, ${this.again.length} for another`);
    }
    if (this.events.some((event, at) => this.again[at] !== event)) {
      faults.push('two subscribers have heard the events in another order');
    }
    return faults;
  }
}
