import type { RequestListener } from 'node:http';

/**
 * Sends each request on to the same path of another origin. The origin is our own word: one made
 * from the `Host` header sends a visitor wherever that header says.
 */
export function redirectTo(origin: () => string): RequestListener {
  return ({ url = '/' }, response) => {
    // A target may also be `*` or a whole URL, which would not be a path after the origin.
    const path = url.startsWith('/') ? url : '/';
    // 308 keeps the method and the body, which a 301 or 302 does not.
    response.writeHead(308, { Location: `${origin()}${path}` }).end();
  };
}
