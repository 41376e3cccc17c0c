/** Holds calls at once against each other: what they have left must be what they leave one after the other, in some order. */

/** Calls by which no server comes to a pool, leaves it, or takes another name or address. */
const harmless = new Set([
  'start',
  'startAborted',
  'stop',
  'restart',
  'clone',
  'unreadable',
  'handler',
  'serverStart',
  'serverStop',
  'serverRestart',
  'take',
  'removeFile',
  'tls',
  'request',
]);
/** Of more calls there are too many orders. */
const mostCalls = 6;

export class Orders {
  #world;
  #before = [];
  /** From then on what is done to the other pool may be done to servers of this one. */
  #areShared = false;
  #calls = [];

  constructor(world) {
    this.#world = world;
  }

  /** @param outcome Resolves with the error of the call, or with undefined */
  follow(call, outcome) {
    if (call.kind === 'merge' || call.kind === 'storeAgain') this.#areShared = true;
    const entry = { call, error: undefined };
    this.#calls.push(entry);
    void outcome.then((error) => (entry.error = error));
  }

  /** To be asked when nothing is under way; begins anew. */
  check() {
    const { pool, addresses } = this.#world;
    const now = [...pool].map(({ name, bind }) => ({ name, bind }));
    const before = this.#before;
    // What failed to stop has left all the same.
    const effective = this.#calls.filter(
      ({ error }) => (error?.code ?? 'ERR_POOL_STOP') === 'ERR_POOL_STOP',
    );
    const changing = effective.map(({ call }) => call).filter((call) => !isHarmless(call));
    this.#before = now;
    this.#calls = [];
    const effects = changing.map((call) => effectOf(call, addresses));
    if (this.#areShared || effects.includes(undefined) || effects.length > mostCalls) return [];
    if (leadsTo(before, effects, told(now))) return [];
    const calls = changing.map((call) => JSON.stringify(call)).join('\n');
    return [`no order of these calls leads from [${told(before)}] to [${told(now)}]:\n${calls}`];
  }
}

function isHarmless({ kind, target, dryRun }) {
  return harmless.has(kind) || target === 'other' || dryRun === true;
}

/** What a call makes of the servers of a pool; undefined where that takes more to tell. */
function effectOf({ kind, target, options, list }, addresses) {
  const entryOf = ({ name, listen }) => ({ name, bind: addresses[listen] });
  if (kind === 'apply' && target === 'pool') return () => list.map(entryOf);
  if (kind !== 'store' && kind !== 'storeNew') return undefined;
  const comer = entryOf(options);
  const isInPlace = ({ bind }) => bind === comer.bind && !bind.endsWith(':0');
  return (servers) => [...servers.filter((each) => !isInPlace(each)), comer];
}

function leadsTo(servers, effects, wanted) {
  if (effects.length === 0) return told(servers) === wanted;
  return effects.some((effect, at) => {
    const next = effect(servers);
    const others = effects.filter((_each, other) => other !== at);
    return haveOwnNames(next) && leadsTo(next, others, wanted);
  });
}

/** Two of one name would have been refused. */
function haveOwnNames(servers) {
  return new Set(servers.map(({ name }) => name)).size === servers.length;
}

function told(servers) {
  return servers
    .map(({ name, bind }) => `${name} ${bind}`)
    .sort()
    .join(', ');
}
