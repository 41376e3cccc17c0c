/** Numbers that look random, and are the same again for the same seed: mulberry32. */
export class Random {
  #state;

  /** @param numbers What it is seeded by, as the seed of a run and the number of a connection */
  constructor(...numbers) {
    this.#state = numbers.reduce(
      (mixed, each) => Math.imul(mixed ^ each, 0x9e3779b1) + 0x7f4a7c15,
      0,
    );
    for (let each = 0; each < 4; each += 1) this.next();
  }

  /** At least 0, below 1. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  int(least, most) {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(probability) {
    return this.next() < probability;
  }

  pick(from) {
    return from[this.int(0, from.length - 1)];
  }

  times(least, most, make) {
    return Array.from({ length: this.int(least, most) }, (_each, at) => make(at));
  }

  bytes(length) {
    return Buffer.from(Array.from({ length }, () => this.int(0, 255)));
  }

  /** A number of the given width, most often one at which programs go wrong. */
  edge(bits) {
    const most = 2 ** bits - 1;
    const edges = [0, 1, most, most - 1, 2 ** (bits - 1), 2 ** (bits - 1) - 1];
    return this.chance(0.5) ? this.pick(edges) : this.int(0, most);
  }
}

/** Bytes that are nearly the given ones. */
export function mutate(random, bytes) {
  let result = Buffer.from(bytes);
  for (let left = random.int(1, 4); left > 0 && result.length > 0; left -= 1) {
    result = random.pick(mutations)(random, result);
  }
  return result;
}

const mutations = [
  function flipBit(random, bytes) {
    bytes[random.int(0, bytes.length - 1)] ^= 1 << random.int(0, 7);
    return bytes;
  },
  function setByte(random, bytes) {
    bytes[random.int(0, bytes.length - 1)] = random.edge(8);
    return bytes;
  },
  function cut(random, bytes) {
    return bytes.subarray(0, random.int(0, bytes.length));
  },
  function leaveOut(random, bytes) {
    const [from, to] = slice(random, bytes);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  function repeat(random, bytes) {
    const [from, to] = slice(random, bytes);
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
  },
  function insert(random, bytes) {
    const at = random.int(0, bytes.length);
    const inserted = random.bytes(random.int(1, 16));
    return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]);
  },
];

function slice(random, bytes) {
  const from = random.int(0, bytes.length - 1);
  return [from, Math.min(bytes.length, from + random.int(1, 64))];
}
