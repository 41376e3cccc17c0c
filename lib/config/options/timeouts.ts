import type { Duration } from '../duration.js';

/** How long a server waits, as in Go's `http.Server`. 0 switches a timeout off, but for `handshakeTimeout`. */
export interface TimeoutOptions {
  /**
   * The longest time to receive a whole request, body included.
   *
   * @defaultValue 300 s, Node's `requestTimeout`
   * @see https://nodejs.org/api/http.html#serverrequesttimeout
   */
  readTimeout?: Duration;
  /**
   * The longest time to receive the headers of a request; never above `readTimeout`.
   *
   * @defaultValue 30 s
   * @see https://nodejs.org/api/http.html#serverheaderstimeout
   */
  readHeaderTimeout?: Duration;
  /**
   * The longest time from the end of the request's headers to the end of the response.
   *
   * @defaultValue 0, off
   * @see https://pkg.go.dev/net/http#Server
   */
  writeTimeout?: Duration;
  /**
   * How long an idle keep-alive connection is kept. Answers promise a second less, by
   * `Keep-Alive: timeout=N`: a client that goes by it never asks on a connection that ends. Below a
   * second it is exact from Node 22.19 and 24.6 on; before, such a connection ends after a second.
   *
   * @defaultValue 5 s, Node's `keepAliveTimeout`
   * @see https://nodejs.org/api/http.html#serverkeepalivetimeout
   */
  idleTimeout?: Duration;
  /**
   * The longest time of a TLS handshake; 0 is Node's own, 120 s.
   *
   * @defaultValue 30 s
   * @see https://nodejs.org/api/tls.html#tlscreateserveroptions-secureconnectionlistener
   */
  handshakeTimeout?: Duration;
}
