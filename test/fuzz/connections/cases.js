import { http1Requests } from './bytes/http1.js';
import { http2Bytes } from './bytes/http2.js';
import { proxyHeader } from './bytes/proxy.js';
import { tlsBytes } from './bytes/tls.js';
import { webSocketBytes } from './bytes/web-socket.js';
import { mutate, Random } from './random.js';
import { servers } from './servers.js';

/** How a client goes. */
const endings = ['reset', 'destroy', 'fin', 'answer', 'answer', 'late'];

const languages = {
  http1: http1Requests,
  http2: http2Bytes,
  webSocket: webSocketBytes,
  noise: (random) => random.times(1, 3, () => random.bytes(random.int(0, 400))),
};

/** What a server of each kind is spoken to in, mostly. */
const spoken = {
  http1: ['http1', 'http1', 'webSocket'],
  h2c: ['http2'],
  h2: ['http2', 'http2', 'http1', 'webSocket'],
};

/**
 * One connection of a run: whom it goes to, what is sent, in which pieces, and how it ends. The same
 * seed and number always give the same.
 */
export function connectionOf(seed, number) {
  const random = new Random(seed, number);
  const server = random.pick(servers);
  const { speaks, secure, proxied } = server;
  const isMatched = random.chance(0.85);
  const language = random.pick(isMatched ? spoken[speaks] : Object.keys(languages));
  // Half of what goes to a TLS server is said inside, after a right handshake.
  const isEncrypted = secure && random.chance(0.5);
  const said = secure && !isEncrypted && isMatched ? tlsBytes(random) : languages[language](random);
  const parts = random.chance(0.4) ? said.map((part) => mutate(random, part)) : said;
  return {
    number,
    server,
    language,
    /** Sent in the clear, before all else. */
    header: proxied && random.chance(0.9) ? headerFor(random) : undefined,
    encrypted: isEncrypted && {
      alpn: language === 'http2' ? ['h2'] : random.pick([['http/1.1'], []]),
    },
    pieces: pieces(random, parts),
    ending: random.pick(endings),
    waitMs: random.int(0, 20),
  };
}

function headerFor(random) {
  const header = proxyHeader(random);
  return random.chance(0.2) ? mutate(random, header) : header;
}

/** As the network may deliver it: several parts in one, or one in several. */
function pieces(random, parts) {
  if (random.chance(0.5)) return parts;
  const whole = Buffer.concat(parts);
  if (random.chance(0.6) || whole.length < 2) return [whole];
  const cuts = random.times(1, 4, () => random.int(1, whole.length - 1)).sort((a, b) => a - b);
  return [0, ...cuts].map((from, at) => whole.subarray(from, cuts[at] ?? whole.length));
}
