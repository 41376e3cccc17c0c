import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A server that says nothing for so long does not answer. */
const longestAnswerMs = 20_000;

/** Asks a server as it is meant to be asked; resolves to what is wrong with its answer, if something is. */
export async function rightRequest(server, port) {
  const raw = connect({ port, host: '127.0.0.1' });
  const signal = AbortSignal.timeout(longestAnswerMs);
  raw.on('error', () => undefined);
  try {
    await once(raw, 'connect', { signal });
    if (server.proxied) raw.write('PROXY TCP4 192.0.2.1 192.0.2.2 1000 443\r\n');
    const socket = server.secure ? await encrypt(raw, server, signal) : raw;
    const answer = await (server.speaks === 'http1' ? askHttp1 : askHttp2)(socket, signal);
    return answer.includes('hello') ? undefined : answer;
  } catch (error) {
    return error.message;
  } finally {
    raw.destroy();
  }
}

async function encrypt(raw, { speaks }, signal) {
  const socket = connectTls({
    socket: raw,
    servername: 'localhost',
    rejectUnauthorized: false,
    ALPNProtocols: speaks === 'h2' ? ['h2'] : [],
  });
  await once(socket, 'secureConnect', { signal });
  return socket;
}

async function askHttp1(socket, signal) {
  let answer = '';
  socket.setEncoding('latin1').on('data', (text) => (answer += text));
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  await once(socket, 'end', { signal });
  return answer;
}

async function askHttp2(socket, signal) {
  const session = connectHttp2('http://localhost', { createConnection: () => socket });
  session.on('error', () => undefined);
  const stream = session.request({ ':path': '/' });
  let answer = '';
  stream.setEncoding('latin1').on('data', (text) => (answer += text));
  await once(stream, 'end', { signal });
  session.destroy();
  return answer;
}
