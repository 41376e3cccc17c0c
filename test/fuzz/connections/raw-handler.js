import { WebSocketServer } from 'ws';

const webSockets = new WebSocketServer({
  noServer: true,
  maxPayload: 65_536,
  perMessageDeflate: true,
});
webSockets.on('connection', (webSocket) => {
  webSocket.on('error', () => undefined);
  webSocket.on('message', (data) => webSocket.send(data));
});

const paths = {
  '/echo': (request, response) => request.pipe(response),
  '/throws'() {
    throw new Error('a handler threw');
  },
  async '/rejects'() {
    await new Promise(setImmediate);
    throw new Error('a handler rejected');
  },
  '/late': (_request, response) => void setTimeout(() => response.end('late'), 5),
  '/stream'(_request, response) {
    const timer = setInterval(() => response.write('part'), 5);
    response.once('close', () => clearInterval(timer));
  },
  '/twice'(_request, response) {
    response.end('once');
    response.writeHead(200);
  },
};

/** A handler without a framework, as careless as some are. */
export const rawHandler = {
  request(request, response) {
    // No path of a client's is looked up in an object's prototype.
    const answer = Object.hasOwn(paths, request.url) ? paths[request.url] : undefined;
    return answer ? answer(request, response) : response.end('hello');
  },
  upgrade(request, socket, head) {
    // Throws for some of what is no path.
    const { pathname } = new URL(request.url, 'http://localhost');
    if (pathname === '/throws') throw new Error('an upgrade threw');
    webSockets.handleUpgrade(request, socket, head, (webSocket) =>
      webSockets.emit('connection', webSocket, request),
    );
  },
  connect(_request, socket) {
    // Over HTTP/2 it is an answer.
    if (socket.writeHead) return socket.end();
    socket.end('HTTP/1.1 200 Connected\r\n\r\n');
  },
};
