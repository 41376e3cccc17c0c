/**
 * The settings of HTTP/2, used with `protocol: 'http2'`. The defaults are Go's.
 *
 * @see https://pkg.go.dev/golang.org/x/net/http2#Server
 * @see https://www.rfc-editor.org/rfc/rfc9113#name-defined-settings
 */
export interface Http2Options {
  /**
   * How many streams a client may have open on one connection, 1 to 4294967295.
   *
   * @defaultValue 250
   */
  maxConcurrentStreams?: number;
  /**
   * The largest frame the server reads, in bytes, 16384 to 16777215.
   *
   * @defaultValue 1048576 (1 MiB)
   */
  maxReadFrameSize?: number;
  /**
   * The flow-control window of a connection, in bytes, 65535 to 2147483647.
   *
   * @defaultValue 1048576 (1 MiB)
   */
  maxUploadBufferPerConnection?: number;
  /**
   * The flow-control window of a stream, in bytes, 1 to 2147483647.
   *
   * @defaultValue 1048576 (1 MiB)
   */
  maxUploadBufferPerStream?: number;
  /**
   * Whether the cipher suites that HTTP/2 prohibits are accepted.
   *
   * @defaultValue false
   * @see https://www.rfc-editor.org/rfc/rfc9113#name-prohibited-tls-12-cipher-su
   */
  permitProhibitedCipherSuites?: boolean;
}
