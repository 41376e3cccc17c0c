/** The times of the tool, in ms. What a flag sets is not here. */
export const limits = {
  /** A connection, or a TLS handshake, that takes longer is lost. */
  connectMs: 30_000,
  /** A request whose whole answer takes longer is lost. */
  answerMs: 60_000,
  /**
   * A request on a kept connection that ends without a byte this soon after the request was written
   * has met a FIN that was on its way; later than that the server had time to read the request.
   */
  raceMs: 50,
  /** After this, a slow reader reads as fast as it can: a large answer must end some time. */
  slowReadMs: 2000,
  slowReadGapMs: 50,
  /** The processes of the application are looked at so often. */
  watchMs: 250,
  /** What is left of the application at the end gets SIGTERM, and after this SIGKILL. */
  endMs: 10_000,
} as const;
