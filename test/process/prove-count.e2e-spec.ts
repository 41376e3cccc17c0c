import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { localhost } from '../support/certificates.js';
import { freePort } from '../support/free-port.js';
import { Opened } from '../support/opened.js';
import { childPath, proveHere, type JsonReport } from './support/proofs.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

interface Loss {
  readonly id?: string;
  readonly kind: string;
  readonly client: string;
  readonly received: string;
}

async function lines<T>(file: string): Promise<T[]> {
  const content = await readFile(file, 'utf8');
  return content.split('\n').flatMap((line) => (line ? [JSON.parse(line) as T] : []));
}

/** The kinds that a client may call what the application did. */
const KINDS: Record<string, readonly string[]> = {
  // On a kept connection a FIN at once can't be told from one that was on its way.
  'fin-at-once': ['unanswered', 'idle-race'],
  'fin-late': ['unanswered', 'idle-race'],
  'reset-at-once': ['reset', 'idle-race'],
  'reset-late': ['reset', 'idle-race'],
  'fin-within': ['truncated'],
  'reset-within': ['truncated'],
  'no-http': ['not-http'],
  refuse: ['refused-stream'],
  'reset-stream': ['reset-stream'],
  500: ['status-500'],
  503: ['status-503'],
};

describe('prove, beside an application that keeps count', () => {
  const compare = async (scheme: 'http' | 'https') => {
    const folder = await opened.folder();
    const [theirs, ours] = [join(folder, 'theirs'), join(folder, 'ours')];
    const port = await freePort();
    const load = [
      '--url',
      `${scheme}://127.0.0.1:${port}/`,
      '--action',
      'reload',
      '--observe',
      '2s',
    ];
    const app = [process.execPath, childPath('keeps-count.mjs'), String(port), theirs];
    if (scheme === 'https') app.push(localhost.cert, localhost.key);
    const { code, out, err } = await proveHere(...load, '--json', '--log', ours, '--', ...app);
    expect(err).toBe('');
    const report = JSON.parse(out) as JsonReport;
    const all = await lines<{ id: string; did: string }>(theirs);
    const did = all.filter(({ id }) => id.startsWith('prove-'));
    const losses = await lines<Loss>(ours);
    return { code, report, did, losses };
  };

  it.each(['http', 'https'] as const)(
    'names each request that was lost over %s, how, and no other',
    async (scheme) => {
      const { code, report, did, losses } = await compare(scheme);
      expect(code).toBe(1);
      const isReset = ({ kind }: Loss) => kind === 'websocket-reset';
      const requests = losses.filter((loss) => !isReset(loss));
      const isLost = ({ did: what }: { did: string }) =>
        !['answered', '404', 'reset-open'].includes(what);
      const lost = new Map(requests.map((loss) => [loss.id!, loss]));
      expect([...lost.keys()].sort()).toEqual(
        did
          .filter(isLost)
          .map(({ id }) => id)
          .sort(),
      );
      for (const { id, did: what } of did.filter(isLost)) {
        expect({ id, what, kinds: KINDS[what] }).toMatchObject({
          kinds: expect.arrayContaining([lost.get(id)!.kind]),
        });
      }
      // Every fault of the application was tried.
      expect(did.filter(isLost).length).toBeGreaterThan(20);
      // One that the client was closing at that moment is none to it.
      const resets = did.filter(({ did: what }) => what === 'reset-open').map(({ id }) => id);
      for (const { id } of losses.filter(isReset)) expect(resets).toContain(id);
      expect(report.requests).toBe(did.length);
      expect(report.answered).toBe(did.length - lost.size);
      expect(report.lost).toBe(losses.length);
      const kinds: Record<string, number> = {};
      for (const { kind } of losses) kinds[kind] = (kinds[kind] ?? 0) + 1;
      expect(report.kinds).toEqual(kinds);
    },
  );
});
