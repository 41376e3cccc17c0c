import type { ServerStats } from 'nestjs-http-pool';

const HEAD = ['NAME', 'BIND', 'EXPOSE', 'PROTOCOL', 'STATE'];

/** The servers as a table of text. */
export function serverTable(servers: readonly ServerStats[]): string {
  const rows = servers.map(({ name, bind, expose, tls, protocol, state }) => [
    name,
    bind,
    expose,
    tls ? `${protocol} (TLS)` : protocol,
    state,
  ]);
  const table = [HEAD, ...rows];
  const widths = HEAD.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
