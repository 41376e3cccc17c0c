import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';

/** One client over HTTP/1.1, which keeps its connection or opens one for each request. */
export class Http1Client {
  #agent;
  connections = 0;

  constructor({ port, secure }, { keepsAlive, ca }) {
    this.options = { port, host: '127.0.0.1', path: '/', method: 'POST', ca };
    this.secure = secure;
    const options = { keepAlive: keepsAlive, maxSockets: 1 };
    this.#agent = secure ? new TlsAgent(options) : new Agent(options);
  }

  async post(headers, body, signal) {
    const send = this.secure ? httpsRequest : httpRequest;
    const request = send({ ...this.options, agent: this.#agent, headers, signal });
    let certificate;
    request.once('socket', (socket) => {
      if (!request.reusedSocket) this.connections += 1;
      if (!this.secure) return;
      const note = () => (certificate = socket.getPeerCertificate().fingerprint);
      if (request.reusedSocket) note();
      else socket.once('secureConnect', note);
    });
    request.end(body);
    const [response] = await once(request, 'response');
    const chunks = [];
    for await (const chunk of response) chunks.push(chunk);
    const { statusCode: status, headers: answered } = response;
    return { status, version: answered['x-version'], body: Buffer.concat(chunks), certificate };
  }

  close() {
    this.#agent.destroy();
  }
}
