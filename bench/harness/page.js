/** docs/performance.md, rendered from docs/performance.json. */
import { cellsOf, heads } from './cells.js';

export function pageOf({ machine, parts }) {
  const rows = parts.flatMap((part) => part.rows);
  const count = (verdict) => rows.filter((row) => row.verdict === verdict).length;
  const { cpu, cores, memoryGiB, system, node } = machine;
  return `# Performance

<!-- Written by \`npm run bench -- --write\` from performance.json: change the bench, not this page. -->

What a pool costs beside bare Node and beside others that do a part of it, measured by \`npm run bench\` on Node ${node},
${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}. On another machine the times differ, and the ratios too, by less.

Of the rows with a criterion ${count('pass')} pass, ${count('noise')} are over it by less than the noise, ${count('fail')} fail,
and of ${count('unclear')} the noise says too little: the machine was busy with other things.

## How to read it

- The contestants take turns, in an order that changes; each number is the median of the rounds, and \`ratio\` is the median of the
  ratios of each round, with their quartiles behind it. It is CPU time of the measured process where the row does not say otherwise.
- \`noise\` is what the same run measured: how far the median ratio of two of the peer's own kind, side by side, can be from 1, or how
  far the row's own can be wrong, whichever is more, with a certainty of 95 %. A row that is over its criterion by less cannot be told
  from one that is not.
- The exit code of the bench is 1 when a row is over its criterion by more than the noise.
- The load of a machine is how many processes it has to run at once. Above the number of its cores the noise is large, and a
  wait is longer than it would be.
- \`npm run bench -- <part>…\` runs some parts, \`-- --short\` a form for CI with fewer parts and rounds, \`-- --json <file>\` writes what
  was measured, \`-- --write\` puts it into this page.
${parts.map(sectionOf).join('')}`;
}

function sectionOf({ name, title, date, seconds, load, rows }) {
  return `
## ${name}

${title}. \`npm run bench -- ${name}\`: ${seconds} s on ${date}, load before it ${load.toFixed(1)}.

${rowText(heads)}
${rowText(heads.map(() => '---'))}
${rows.map((row) => rowText(cellsOf(row))).join('\n')}
`;
}

const rowText = (cells) => `| ${cells.join(' | ')} |`;
