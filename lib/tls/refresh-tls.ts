import { randomBytes } from 'node:crypto';
import type { Server as TlsServer } from 'node:tls';
import type { TlsMaterial } from './tls-material.js';

/**
 * Replaces the material of a serving TLS server: new handshakes get it, open connections go on.
 * The whole context is given again, for Node resets every option that is left out. When the CAs
 * that clients are checked against change, so do the ticket keys: else a client that was removed
 * resumes its old session as authorized.
 *
 * @see https://nodejs.org/docs/latest-v20.x/api/tls.html#serversetsecurecontextoptions
 */
export function refreshTls(server: TlsServer, before: TlsMaterial, after: TlsMaterial): void {
  server.setSecureContext(after.base);
  const asked = server as TlsServer & { requestCert: boolean; rejectUnauthorized: boolean };
  asked.requestCert = after.requestCert;
  asked.rejectUnauthorized = after.rejectUnauthorized;
  if (before.trustFingerprint !== after.trustFingerprint) server.setTicketKeys(randomBytes(48));
}
