import type { PooledServer } from '../server/pooled-server.js';

const COLUMNS = ['server', 'listens on', 'exposed as', 'protocol', 'state'] as const;

/** The servers as a table: one text, for a logger makes one line, or one JSON object, of each. */
export function startupTable(servers: Iterable<PooledServer>): string {
  const rows = [...servers].map((server): string[] => {
    const { name, url, expose, tls, disabled, state, settings } = server;
    const protocol = `${settings.protocol === 'http2' ? 'HTTP/2' : 'HTTP/1.1'}${tls ? ', TLS' : ''}`;
    return [name, url ?? server.bind, expose, protocol, disabled ? 'disabled' : state];
  });
  const table = [[...COLUMNS], ...rows];
  const widths = COLUMNS.map((_, at) => Math.max(...table.map((row) => row[at]!.length)));
  const lines = table.map((row) => row.map((cell, at) => cell.padEnd(widths[at]!)).join('  '));
  return ['Servers of the pool:', ...lines.map((line) => `  ${line.trimEnd()}`)].join('\n');
}
