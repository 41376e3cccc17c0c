import type { INestApplication } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { platforms, urlOf } from './support/adapters.js';
import {
  createClosedApp,
  ROUTES,
  SERVERS,
  SHARED_PATH,
  UNKNOWN_EXCLUDED,
  type Route,
  type ServerName,
} from './support/closed-app.js';
import { rawAsk, type RawAnswer, type RawRequest } from './support/raw-answer.js';

/** Spellings that one party may take for the path and another may not. */
const tricks: Record<string, (path: string, authority: string) => string> = {
  'as it is': (path) => path,
  'with a query': (path) => `${path}?server=admin`,
  'with a slash at the end': (path) => `${path}/`,
  'with two slashes at the start': (path) => `/${path}`,
  'with double slashes': (path) => path.replaceAll('/', '//'),
  'with a dot segment': (path) => `/.${path}`,
  'with dot segments': (path) => `/api/status/../..${path}`,
  'with encoded dot segments': (path) => `/api/%2e%2e${path}`,
  'with encoded slashes': (path) => `/${path.slice(1).replaceAll('/', '%2f')}`,
  'with backslashes': (path) => `/${path.slice(1).replaceAll('/', '\\')}`,
  'in capitals': (path) => path.toUpperCase(),
  'with an encoded letter': (path) => path.replace(/[a-z]/, encoded),
  'with every last letter encoded': (path) => path.replaceAll(/[a-z](?=\/|$)/g, encoded),
  'with a matrix parameter': (path) => `${path};server=admin`,
  'with a matrix parameter within': (path) => path.replaceAll(/(?!^)\//g, ';a=1/'),
  'with a fragment': (path) => `${path}#admin`,
  'with a null': (path) => `${path}%00`,
  'with a broken escape': (path) => `${path}%`,
  'as an absolute URL of that server': (path, authority) => `http://${authority}${path}`,
  'as an absolute URL of a name': (path) => `http://admin.local:80${path}`,
  'as an absolute https URL': (path, authority) => `https://${authority}${path}`,
  'as an URL without a scheme': (path, authority) => `//${authority}${path}`,
};

/** What a client or a proxy may say that it wants; `path` is what it wants. */
const claims: Record<string, (authority: string, path: string) => Record<string, string>> = {
  Host: (authority) => ({ Host: authority }),
  'the name of the server as Host': () => ({ Host: 'admin' }),
  'X-Forwarded-Host and -Port': (authority) => ({
    'X-Forwarded-Host': authority,
    'X-Forwarded-Port': authority.split(':')[1]!,
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-For': '127.0.0.1',
    'X-Forwarded-Server': 'admin',
  }),
  Forwarded: (authority) => ({ Forwarded: `for=127.0.0.1;host="${authority}";proto=https` }),
  'X-Real-IP and X-Host': (authority) => ({ 'X-Real-IP': '127.0.0.1', 'X-Host': authority }),
  'X-Original-URL and X-Rewrite-URL': (_, path) => ({
    'X-Original-URL': path,
    'X-Rewrite-URL': path,
    'X-Forwarded-Uri': path,
    'X-Forwarded-Prefix': path,
  }),
  'X-HTTP-Method-Override': () => ({
    'X-HTTP-Method-Override': 'GET',
    'X-HTTP-Method': 'POST',
    'X-Method-Override': 'POST',
  }),
};

const methods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'SEARCH'];

function encoded(letter: string): string {
  return `%${letter.charCodeAt(0).toString(16)}`;
}

/** A path of the same form, with the same lengths, that no server has. */
function unknown(path: string): string {
  // Nest on Express answers in HTML for what is outside of the global prefix and its exclusions.
  if (path === '/metrics') return `/${UNKNOWN_EXCLUDED}`;
  const [last = ''] = path.match(/[^/]+$/) ?? [];
  return `${path.slice(0, -last.length).replace('users', 'xqxqx')}${'xq'.repeat(last.length).slice(0, last.length)}`;
}

/** Without what repeats the path, or differs from one request to the next. */
function comparable({ status, headers, body }: RawAnswer): object {
  const { date, etag, ...rest } = headers;
  const text = body
    .replace(/(Cannot [A-Z]+) [^"]*/, '$1')
    .replace(/'[^']*'(?= is not a valid)|(?<=decode param )'[^']*'/, '');
  return { status, headers: { ...rest, has: [date, etag].map(Boolean) }, body: text };
}

const pairs = SERVERS.flatMap((owner) =>
  SERVERS.filter((other) => other !== owner).map((other) => ({ owner, other })),
);
const routesOf = (server: ServerName): Route[] => ROUTES.filter((route) => route.server === server);

describe.each(platforms)('a server on $name', (platform) => {
  let app: INestApplication;
  beforeAll(async () => {
    app = await createClosedApp(platform);
    await app.init();
  });
  afterAll(() => app.close());

  const ask = (server: ServerName, request: RawRequest) => rawAsk(urlOf(app, server), request);
  const authorityOf = (server: ServerName): string => new URL(urlOf(app, server)).host;

  it.each(ROUTES)('has its own route $method $path', async (route) => {
    const { server, method, path: target, host } = route;
    const answer = await ask(server, { method, target, headers: { ...(host && { Host: host }) } });
    expect([answer.status, answer.body]).toEqual([200, expect.stringContaining(`from ${server}`)]);
  });

  describe.each(pairs)('$other answers for the routes of $owner as for unknown ones', (pair) => {
    const { owner, other } = pair;

    /** The same request for the route and for an unknown path. */
    const expectClosed = async (path: string, make: (path: string) => RawRequest) => {
      const [answer, reference] = await Promise.all([
        ask(other, make(path)),
        ask(other, make(unknown(path))),
      ]);
      expect(comparable(answer)).toEqual(comparable(reference));
      expect(answer.status).toBeGreaterThanOrEqual(400);
    };

    it.each(Object.entries(tricks))('%s', async (_name, trick) => {
      for (const { path, method, host } of routesOf(owner)) {
        await expectClosed(path, (one) => ({
          method,
          target: trick(one, authorityOf(owner)),
          headers: { ...(host && { Host: host }) },
        }));
      }
    });

    it.each(Object.entries(claims))('whatever %s says', async (_name, claim) => {
      for (const { path, method } of routesOf(owner)) {
        const headers = claim(authorityOf(owner), path);
        await expectClosed(path, (target) => ({ method, target, headers }));
      }
    });

    it.each(methods)('asked by %s', async (method) => {
      for (const { path } of routesOf(owner)) {
        await expectClosed(path, (target) => ({ method, target }));
      }
    });

    it('and serves its own controller at the path that both have', async () => {
      const authority = authorityOf(owner);
      const targets = Object.values(tricks).map((trick) => trick(SHARED_PATH, authority));
      const headers = Object.values(claims).map((claim) => claim(authority, SHARED_PATH));
      const requests = [
        ...targets.map((target) => ({ target })),
        ...headers.map((each) => ({ target: SHARED_PATH, headers: each })),
      ];
      const answers = await Promise.all(requests.map((request) => ask(other, request)));
      const served = answers.filter(({ status }) => status === 200);
      expect(served.length).toBeGreaterThan(headers.length);
      for (const { body } of served) expect(body).toContain(`from ${other}`);
      for (const { body } of answers) expect(body).not.toContain(`from ${owner}`);
    });
  });
});
