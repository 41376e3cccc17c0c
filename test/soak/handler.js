import { answerTo, uploadOf } from './exchange.js';

/** A handler of the given version: reads the upload to its end, and answers a little later. */
export function createHandler(version, ledger) {
  return async (request, response) => {
    const id = request.headers['x-id'];
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    if (!Buffer.concat(chunks).equals(uploadOf(id))) ledger.broken.push(id);
    response.once('finish', () => ledger.answered(id));
    const delayMs = Number(request.headers['x-delay']);
    const answer = () => send(response, answerTo(id), version);
    if (delayMs > 0) setTimeout(answer, delayMs);
    else answer();
  };
}

/** Half of the answers have a length, half are sent in chunks. */
function send(response, body, version) {
  response.setHeader('x-version', version);
  if (body.length % 200 === 0) {
    response.write(body.subarray(0, body.length / 2));
    response.end(body.subarray(body.length / 2));
  } else {
    response.setHeader('Content-Length', body.length);
    response.end(body);
  }
}
