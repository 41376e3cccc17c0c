import type { IncomingMessage } from 'node:http';

/** A config of thousands of servers fits. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** What came: the text; or that it is larger than may be; or that its client went away. */
type RequestBody = { readonly text: string } | 'too large' | 'gone';

/** Reads a body to its end, or to the limit: nothing beyond that is kept. Never rejects. */
export function readBody(request: IncomingMessage): Promise<RequestBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (body: RequestBody): void => {
      request.off('data', take).off('end', whole).off('error', gone).off('close', gone);
      // An error that comes later is of a body that nobody reads any more.
      request.on('error', () => undefined);
      resolve(body);
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) end('too large');
      else chunks.push(chunk);
    };
    const whole = (): void => end({ text: Buffer.concat(chunks).toString('utf8') });
    const gone = (): void => end('gone');
    if (request.destroyed) return gone();
    request.on('data', take).on('end', whole).on('error', gone).on('close', gone);
  });
}
