import type { TLSSocket } from 'node:tls';

/** TLS 1.2 suites with an ephemeral key exchange and an AEAD cipher: those HTTP/2 permits. */
const permitted = /^(EC)?DHE-.*(GCM|CHACHA20|CCM)/;

/**
 * True for a cipher suite that HTTP/2 prohibits. Every suite of TLS 1.3 is permitted.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113#appendix-A
 */
export function usesProhibitedCipher(
  socket: Pick<TLSSocket, 'getCipher' | 'getProtocol'>,
): boolean {
  return socket.getProtocol() !== 'TLSv1.3' && !permitted.test(socket.getCipher().name);
}
