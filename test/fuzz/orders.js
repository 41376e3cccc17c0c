/** Holds calls at once against each other: what they have left must be what they leave one after the other, in some order. */

import { serverOf } from './calls.js';

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
/** What begins the error of an `apply` that has left some of its changes: another call has their place. */
const notPutBack = 'Not all of the list before was put back';
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
    // Which server it is depends on when it is called.
    const server = call.kind === 'setConfig' ? serverOf(this.#world, call.index) : undefined;
    const entry = { call, server, error: undefined };
    this.#calls.push(entry);
    void outcome.then((error) => (entry.error = error));
  }

  /** To be asked when nothing is under way; begins anew. */
  check() {
    const { pool, addresses } = this.#world;
    const now = [...pool].map((server) => ({ id: server, name: server.name, bind: server.bind }));
    const before = this.#before;
    // What failed to stop has left all the same.
    const effective = this.#calls.filter(
      ({ error }) => (error?.code ?? 'ERR_POOL_STOP') === 'ERR_POOL_STOP',
    );
    const changing = effective.filter(({ call }) => !isHarmless(call));
    const isHalf = this.#calls.some(({ error }) => error?.message.startsWith(notPutBack));
    this.#before = now;
    this.#calls = [];
    const known = new Set(before.map(({ id }) => id));
    const effects = changing.map((each) => effectOf(each, { addresses, known }));
    if (this.#areShared || isHalf || effects.includes(undefined) || effects.length > mostCalls)
      return [];
    if (leadsTo(before, effects, told(now))) return [];
    const calls = changing.map(({ call }) => JSON.stringify(call)).join('\n');
    return [`no order of these calls leads from [${told(before)}] to [${told(now)}]:\n${calls}`];
  }
}

function isHarmless({ kind, target, dryRun }) {
  return harmless.has(kind) || target === 'other' || dryRun === true;
}

/** What a call makes of the servers of a pool; undefined where that takes more to tell. */
function effectOf({ call: { kind, target, options, list }, server }, { addresses, known }) {
  const entryOf = ({ name, listen }) => ({ id: Symbol(name), name, bind: addresses[listen] });
  const isAt = (one, other) => one.bind === other.bind && !one.bind.endsWith(':0');
  if (kind === 'apply' && target === 'pool') {
    const wanted = list.map(entryOf);
    const names = new Set(wanted.map(({ name }) => name));
    // By its name, or else by its address.
    const ofName = (servers, { name }) => servers.find((each) => each.name === name);
    const ofAddress = (servers, entry) =>
      servers.find((each) => isAt(each, entry) && !names.has(each.name));
    return (servers) =>
      wanted.map((entry) => {
        const { id } = ofName(servers, entry) ?? ofAddress(servers, entry) ?? entry;
        return { ...entry, id };
      });
  }
  if (kind === 'setConfig') {
    const { name, bind } = entryOf(options);
    // One that came meanwhile is none of those that the effects of other calls know.
    if (!known.has(server)) return undefined;
    return (servers) =>
      servers.map((each) => (each.id === server ? { id: server, name, bind } : each));
  }
  if (kind !== 'store' && kind !== 'storeNew') return undefined;
  const comer = entryOf(options);
  return (servers) => [...servers.filter((each) => !isAt(each, comer)), comer];
}

function leadsTo(servers, effects, wanted) {
  if (effects.length === 0) return told(servers) === wanted;
  return effects.some((effect, at) => {
    const next = effect(servers);
    const others = effects.filter((_each, other) => other !== at);
    return areApart(next) && leadsTo(next, others, wanted);
  });
}

/** Two of one name, or on one address, would have been refused. */
function areApart(servers) {
  const fixed = servers.filter(({ bind }) => !bind.endsWith(':0'));
  const isEachOwn = (values) => new Set(values).size === values.length;
  return isEachOwn(servers.map(({ name }) => name)) && isEachOwn(fixed.map(({ bind }) => bind));
}

function told(servers) {
  return servers
    .map(({ name, bind }) => `${name} ${bind}`)
    .sort()
    .join(', ');
}
