import 'reflect-metadata';
import { IsFlag, IsWhole } from '../rules/value.rules.js';
import { orDefaults } from './or-defaults.js';

/**
 * The settings of HTTP/2, used with `protocol: 'http2'`. The defaults are Go's.
 *
 * @see https://pkg.go.dev/golang.org/x/net/http2#Server
 * @see https://www.rfc-editor.org/rfc/rfc9113#name-defined-settings
 */
export class Http2Config {
  /**
   * How many streams a client may have open on one connection, 1 to 4294967295.
   *
   * @defaultValue 250
   */
  @IsWhole({ min: 1, max: 2 ** 32 - 1 })
  maxConcurrentStreams?: number | undefined;

  /**
   * The largest frame the server reads, in bytes, 16384 to 16777215.
   *
   * @defaultValue 1048576 (1 MiB)
   */
  @IsWhole({ min: 16_384, max: 2 ** 24 - 1 })
  maxReadFrameSize?: number | undefined;

  /**
   * The flow-control window of a connection, in bytes, 65535 to 2147483647.
   *
   * @defaultValue 1048576 (1 MiB)
   */
  @IsWhole({ min: 65_535, max: 2 ** 31 - 1 })
  maxUploadBufferPerConnection?: number | undefined;

  /**
   * The flow-control window of a stream, in bytes, 1 to 2147483647.
   *
   * @defaultValue 1048576 (1 MiB)
   */
  @IsWhole({ min: 1, max: 2 ** 31 - 1 })
  maxUploadBufferPerStream?: number | undefined;

  /**
   * Whether the cipher suites that HTTP/2 prohibits are accepted.
   *
   * @defaultValue false
   * @see https://www.rfc-editor.org/rfc/rfc9113#name-prohibited-tls-12-cipher-su
   */
  @IsFlag()
  permitProhibitedCipherSuites?: boolean | undefined;
}

/** The settings of HTTP/2. */
export interface Http2Settings {
  readonly maxConcurrentStreams: number;
  readonly maxReadFrameSize: number;
  readonly maxUploadBufferPerConnection: number;
  readonly maxUploadBufferPerStream: number;
  readonly permitProhibitedCipherSuites: boolean;
}

/** The defaults of HTTP/2: Go's. */
const HTTP2_DEFAULTS: Http2Settings = Object.freeze({
  maxConcurrentStreams: 250,
  maxReadFrameSize: 1_048_576,
  maxUploadBufferPerConnection: 1_048_576,
  maxUploadBufferPerStream: 1_048_576,
  permitProhibitedCipherSuites: false,
});

export function resolveHttp2(options: Http2Config): Http2Settings {
  const own = HTTP2_DEFAULTS;
  return orDefaults(own, {
    maxConcurrentStreams: options.maxConcurrentStreams ?? own.maxConcurrentStreams,
    maxReadFrameSize: options.maxReadFrameSize ?? own.maxReadFrameSize,
    maxUploadBufferPerConnection:
      options.maxUploadBufferPerConnection ?? own.maxUploadBufferPerConnection,
    maxUploadBufferPerStream: options.maxUploadBufferPerStream ?? own.maxUploadBufferPerStream,
    permitProhibitedCipherSuites:
      options.permitProhibitedCipherSuites ?? own.permitProhibitedCipherSuites,
  });
}
