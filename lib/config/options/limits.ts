/** How much a server takes on at once. 0 is the same as leaving the limit out. */
export interface LimitOptions {
  /**
   * The largest request head, in bytes.
   *
   * @defaultValue Node's `maxHeaderSize`, 16 KiB
   * @see https://nodejs.org/api/http.html#httpmaxheadersize
   */
  maxHeaderBytes?: number;
  /**
   * How many connections may be open; above it a new socket is closed at once.
   *
   * @defaultValue none
   */
  maxConnections?: number;
  /**
   * How many requests may be in the handler at once; above it the answer is 503 with `Retry-After`.
   *
   * @defaultValue none
   */
  maxHandlers?: number;
}
