import { kinds } from './changes.js';

function countBy(values) {
  const counts = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

function describeCounts(counts) {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

/** The outcome of a soak as lines of text. */
export function describeSoak({ changes, servers, answered, difference, cut, losses }) {
  const lines = ['changes made under load'];
  for (const kind of kinds) {
    const counts = changes[kind] ?? {};
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    lines.push(`  ${kind.padEnd(12)}${String(total).padStart(6)}   ${describeCounts(counts)}`);
  }
  lines.push('requests, none retried');
  for (const {
    name,
    clients,
    requests,
    connections,
    handlers,
    certificates,
    failures,
  } of servers) {
    const seen = certificates > 0 ? `, ${certificates} certificates` : '';
    const lost = failures.length > 0 ? describeCounts(countBy(failures)) : 'none lost';
    lines.push(
      `  ${name.padEnd(12)}${String(requests).padStart(6)}   by ${clients} clients on ${connections} connections, ` +
        `${handlers} handlers${seen}; ${lost}`,
    );
  }
  lines.push(`answered by the servers' own record: ${answered}`);
  for (const [what, ids] of Object.entries(difference)) {
    if (ids.length > 0) lines.push(`  ${what}: ${ids.length} (${ids.slice(0, 10).join(', ')})`);
  }
  if (cut.length > 0) lines.push(`  cut at the stop: ${cut.join(', ')}`);
  lines.push(losses === 0 ? 'nothing lost, nothing doubled' : `${losses} losses`);
  return lines;
}
