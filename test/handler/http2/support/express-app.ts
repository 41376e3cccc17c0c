import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import compression from 'compression';
import cookieParser from 'cookie-parser';
import cors from 'cors';
import express, {
  type Application,
  type ErrorRequestHandler,
  type Request,
  type Response,
} from 'express';
import session from 'express-session';
import helmet from 'helmet';
import morgan from 'morgan';
import multer from 'multer';

export type Express = typeof express;

/** Both that are in use, by name. */
export const expresses: [name: string, express: Express][] = [
  ['Express 5', express],
  ['Express 4', createRequire(import.meta.url)('express4') as Express],
];

/** A file that is sent, and lies beside others. */
export const thisFile = fileURLToPath(import.meta.url);
const thisFolder = fileURLToPath(new URL('.', import.meta.url));

/** What the tests ask of an Express application, one route for each behaviour. */
export function expressApp(express: Express, log: string[] = []): Application {
  const app = express();
  app.set('env', 'test');
  app.use(
    morgan(':method :url :status :res[content-length] :remote-addr :req[host]', {
      stream: { write: (line) => void log.push(line.trim()) },
    }),
  );
  requests(app, express);
  bodies(app, express);
  answers(app);
  heads(app);
  files(app, express);
  libraries(app);
  mounted(app, express);
  errors(app);
  return app;
}

function requests(app: Application, express: Express): void {
  app.get('/request', (req, res) => {
    res.json({
      method: req.method,
      url: req.url,
      originalUrl: req.originalUrl,
      path: req.path,
      query: req.query,
      host: req.get('host'),
      hostname: req.hostname,
      subdomains: req.subdomains,
      ip: req.ip,
      ips: req.ips,
      xhr: req.xhr,
      fresh: req.fresh,
      address: req.socket.remoteAddress,
      connection: req.connection === req.socket && res.socket === req.socket,
      headers: Object.keys(req.headers).filter(isOfTheRequest).toSorted(),
      raw: req.rawHeaders.includes('host') || req.rawHeaders.includes('Host'),
      own: req.headers.hasOwnProperty('host'),
      accepts: [req.accepts('html', 'json'), req.acceptsEncodings('gzip'), req.is('json')],
      complete: typeof req.complete,
      upgrade: Reflect.get(req, 'upgrade') === false,
      same: [req.res === res, res.req === req, req.app === app, res.app === app],
    });
  });
  app.all('/method', (req, res) => void res.send(req.method));
  app.get('/secure', (req, res) => void res.json([req.protocol, req.secure]));
  app.get('/range', (req, res) => void res.json(req.range(100) ?? null));
  app.get('/params/:one/:two', (req, res) => void res.json(req.params));
  const proxied = express();
  proxied.set('trust proxy', true);
  proxied.get('/', (req, res) => {
    res.json([req.ip, req.ips, req.protocol, req.secure, req.hostname, req.subdomains]);
  });
  app.use('/proxied', proxied);
}

function isOfTheRequest(name: string): boolean {
  return !['connection', 'transfer-encoding', 'content-length'].includes(name);
}

function bodies(app: Application, express: Express): void {
  const body = (req: Request, res: Response): void => void res.json({ body: req.body ?? null });
  app.post('/json', express.json({ limit: 1000 }), body);
  app.post('/urlencoded', express.urlencoded({ extended: true }), body);
  app.post('/text', express.text(), body);
  app.post('/raw', express.raw(), (req, res) => void res.send(req.body.toString('hex')));
  app.post('/all', express.json(), express.urlencoded({ extended: false }), express.text(), body);
  app.post('/upload', multer().single('file'), (req, res) => {
    res.json([req.file?.originalname, req.file?.buffer.toString(), req.body]);
  });
  app.post('/echo', (req, res) => void req.pipe(res));
  app.post('/length', async (req, res) => {
    let length = 0;
    for await (const chunk of req) length += (chunk as Buffer).length;
    res.json([length, req.complete, req.readableEnded]);
  });
  app.post('/unread', (_req, res) => void res.status(413).send('not now'));
}

function answers(app: Application): void {
  app.get('/text', (_req, res) => void res.send('some text'));
  app.get('/nothing', (_req, res) => void res.send());
  app.get('/buffer', (_req, res) => void res.send(Buffer.from('bytes')));
  app.get('/json', (_req, res) => void res.json({ a: [1, null, '<é>'] }));
  app.get('/jsonp', (_req, res) => void res.jsonp({ a: 1 }));
  app.get('/status/:code', (req, res) => void res.sendStatus(Number(req.params.code)));
  app.get('/redirect', (_req, res) => res.redirect('/text?é'));
  app.get('/redirect/301', (_req, res) => res.redirect(301, 'https://example.com/'));
  app.get('/format', (_req, res) => {
    res.format({ html: () => res.send('<p>html</p>'), json: () => res.json('json') });
  });
  app.get('/chunks', (_req, res) => {
    res.type('txt');
    for (const part of ['one ', 'two ', '', 'three']) res.write(part);
    res.end();
  });
  app.get('/empty-write', (_req, res) => {
    res.write('');
    setImmediate(() => res.end('late'));
  });
  app.get('/stream', (_req, res) => {
    const big = 'x'.repeat(50_000);
    Readable.from([big, big, big, big], { objectMode: false }).pipe(res);
  });
  app.get('/later', (_req, res) => void setTimeout(() => res.json({ late: true }), 5));
  app.get('/twice', (_req, res) => {
    res.send('once');
    try {
      res.setHeader('x-late', '1');
    } catch (error) {
      app.locals.late = (error as NodeJS.ErrnoException).code;
    }
    res.end('again', () => undefined);
    res.on('error', (error: NodeJS.ErrnoException) => (app.locals.again = error.code));
  });
  app.get('/late', (_req, res) => void res.json([app.locals.late, app.locals.again]));
  app.get('/render', (_req, res) => {
    app.engine('ts', (_path, options, done) =>
      done(null, `hello ${(options as { who: string }).who}`),
    );
    app.set('views', thisFolder);
    res.render('express-app.ts', { who: 'you' });
  });
}

function heads(app: Application): void {
  app.get('/head/set', (_req, res) => {
    res
      .set({ 'X-One': '1', 'X-Two': ['a', 'b'] })
      .append('X-Three', 'c')
      .append('X-Three', 'd');
    res.vary('Accept').links({ next: '/next' }).location('/here').attachment('a file.txt');
    res.send('set');
  });
  app.get('/head/cookies', (_req, res) => {
    res.cookie('a', '1', { httpOnly: true }).cookie('b', { c: 2 }).clearCookie('d').send('cookies');
  });
  app.get('/head/object', (_req, res) => {
    res.writeHead(201, 'Made up', {
      'X-One': '1',
      'Set-Cookie': ['a=1', 'b=2'],
      'Content-Length': 4,
    });
    res.end('made');
  });
  app.get('/head/list', (_req, res) => {
    res.writeHead(201, ['X-One', '1', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']);
    res.end('made');
  });
  app.get('/head/both', (_req, res) => {
    res.setHeader('X-One', 'over');
    res.writeHead(202, { 'X-One': 'written', 'X-Two': '2' }).end('made');
  });
  app.get('/head/connection', (_req, res) => {
    res.set({ Connection: 'keep-alive', 'Keep-Alive': 'timeout=5', 'Proxy-Connection': 'close' });
    res.send('set');
  });
  app.get('/head/connection-written', (_req, res) => {
    res.writeHead(200, { Connection: 'close', Upgrade: 'h2c', 'X-One': '1' });
    res.end('written');
  });
  app.get('/head/encoding', (_req, res) => {
    res.setHeader('Transfer-Encoding', 'chunked');
    res.end('chunked');
  });
  app.get('/head/message', (_req, res) => {
    res.statusMessage = 'Mine';
    res.send(`message ${res.statusMessage}`);
  });
  app.get('/head/flushed', (_req, res) => {
    res.setHeader('X-One', '1');
    res.flushHeaders();
    res.end(String(res.headersSent));
  });
  app.get('/head/no-date', (_req, res) => {
    res.removeHeader('Date');
    res.end('no date');
  });
  app.get('/head/no-length', (_req, res) => {
    res.removeHeader('Content-Length');
    res.end('no length');
  });
  app.get('/head/names', (_req, res) => {
    res.setHeader('X-CamelCase', '1');
    const before = [res.getHeaderNames(), res.hasHeader('x-camelcase'), res.headersSent];
    res.json(before.concat([Object.keys(res.getHeaders()).includes('x-camelcase')]));
  });
  app.get('/head/invalid', (_req, res) => {
    const codes: unknown[] = [];
    for (const attempt of [
      () => res.setHeader('not a name', '1'),
      () => res.setHeader('x-value', 'a\nb'),
      () => res.setHeader('x-value', undefined as never),
      () => res.writeHead(99),
      () => res.writeHead(200, { 'x-value': 'a\nb' }),
      () => res.setHeader(':status', '204'),
    ]) {
      try {
        attempt();
        codes.push('none');
      } catch (error) {
        codes.push((error as NodeJS.ErrnoException).code);
      }
    }
    res.json(codes);
  });
  app.get('/head/latin1', (_req, res) => void res.set('X-Latin', 'caf\u00e9').send('latin'));
}

function files(app: Application, express: Express): void {
  app.get('/file', (_req, res) => res.sendFile(thisFile));
  app.get('/file/missing', (_req, res) => res.sendFile('/nowhere/at/all'));
  app.get('/file/told', (_req, res) => {
    res.sendFile(thisFile, (error) => void (app.locals.sent = error ?? 'whole'));
  });
  app.get('/file/download', (_req, res) => res.download(thisFile, 'name.ts'));
  app.get('/told', (_req, res) => void res.json(app.locals.sent));
  app.use('/static', express.static(thisFolder, { maxAge: '1h' }));
}

function libraries(app: Application): void {
  const secret = 'keyboard cat';
  app.get('/helmet', helmet(), (_req, res) => void res.send('helmet'));
  app.use('/cors', cors({ origin: 'https://a.example', credentials: true }));
  app.get('/cors', (_req, res) => void res.send('cors'));
  app.get(
    '/cookies',
    cookieParser(secret),
    (req, res) => void res.json([req.cookies, req.signedCookies]),
  );
  app.get(
    '/compressed',
    compression({ threshold: 0 }),
    (_req, res) => void res.send('z'.repeat(5000)),
  );
  app.get('/compressed/chunks', compression({ threshold: 0 }), (_req, res) => {
    res.type('txt').write('z'.repeat(5000));
    res.flush();
    res.end('end');
  });
  const visits = session({
    secret,
    resave: false,
    saveUninitialized: true,
    genid: () => 'visitor',
  });
  app.get('/session', visits, (req, res) => {
    const kept = req.session as unknown as { visits?: number };
    kept.visits = (kept.visits ?? 0) + 1;
    res.json(Object.keys(kept));
  });
}

function mounted(app: Application, express: Express): void {
  const child = express();
  child.set('child', 'set');
  child.get('/settings', (req, res) => {
    res.json([req.app === child, res.app === child, req.baseUrl, req.app.get('child'), req.url]);
  });
  const grandchild = express();
  grandchild.get(
    '/',
    (req, res) => void res.json([req.baseUrl, req.app.path(), req.app === grandchild]),
  );
  grandchild.use((_req, _res, next) => void setImmediate(next));
  child.use('/deep', grandchild);
  child.use('/fails', () => {
    throw new Error('in the child');
  });
  app.use('/child', child);
  // Mounted at the root, it lets all go by that it does not know.
  const passing = express();
  passing.use((_req, res, next) => {
    res.locals.passed = true;
    next();
  });
  app.use(passing);
  app.use(
    '/after',
    (req, res) => void res.json([req.app === app, res.app === app, res.locals.passed]),
  );
  const router = express.Router({ mergeParams: true });
  router.param('id', (req, _res, next, id: string) => {
    req.headers['x-id'] = id;
    next();
  });
  router.get('/items/:id', (req, res) => void res.json([req.params, req.baseUrl, req.get('x-id')]));
  app.use('/router/:tenant', router);
  // Called as a function, which is no mounting.
  const called = express();
  called.get('/called', (req, res) => void res.json([req.app === called, req.hostname]));
  app.use('/by-hand', (req, res, next) => called(req, res, next));
  app.get('/by-hand/unknown', (req, res) => void res.json([req.get('host'), res.headersSent]));
}

function errors(app: Application): void {
  app.get('/throws', () => {
    throw new Error('thrown');
  });
  app.get('/next', (_req, _res, next) => next(Object.assign(new Error('teapot'), { status: 418 })));
  app.get('/throws/late', (_req, _res, next) => void setImmediate(() => next(new Error('late'))));
  app.get('/unhandled', () => {
    throw Object.assign(new Error('for the final handler'), { final: true });
  });
  const handler: ErrorRequestHandler = (error, _req, res, next) => {
    if (error.final) return next(error);
    res.status(error.status ?? 500).json({ message: error.message, type: error.type });
  };
  app.use(handler);
}
