/**
 * Mutation testing of the rooms where a fault loses requests: Stryker makes small changes in them, and each should fail a
 * test. Those that don't are listed; docs/mutation.md says what came of it.
 *
 *     node scripts/mutation.js                                   # all rooms
 *     node scripts/mutation.js lib/server/drain                  # one, or a folder of it
 *     node scripts/mutation.js lib/server/drain/grace.ts:30-57   # some lines of a file
 *
 * What was found is kept in reports/mutation/, and only what has changed since is tried again; --anew tries all.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

/** Each room with the beginnings of the paths of its tests: those that drive it, for a mutant has to pass all that reach it. */
const rooms = {
  'lib/server/drain': [
    'lib/server/drain/',
    'test/server/drain',
    'test/server/keep-alive',
    'test/server/upgrade',
    'test/server/web-sockets',
  ],
  'lib/server/lifecycle': [
    'lib/server/lifecycle/',
    'test/server/drain/overtaken',
    'test/server/drain/stop-calls',
    'test/server/supervision',
    'test/monitor/on-down',
    'test/pool/events-and-stats',
    'test/pool/overtaken',
    'test/pool/parent-signal',
    'test/pool/restart',
    'test/pool/set-config',
    'test/pool/shutdown-order',
    'test/pool/silent-default-tls',
    'test/pool/start-and-stop',
    'test/pool/stop-queued',
  ],
  'lib/pool': ['lib/pool/', 'test/pool/'],
};

// Hundreds of clients or servers, or a process of its own, for each mutant.
const leftOut = [
  'drain/exit',
  'drain/hostile-clients',
  'drain/kernel-queues',
  'pool/fuzz',
  'pool/reload',
  'pool/twenty-servers',
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    anew: { type: 'boolean', default: false },
    concurrency: { type: 'string', default: '2' },
  },
});

const specs = ['lib', 'test'].flatMap((folder) =>
  readdirSync(folder, { encoding: 'utf8', recursive: true })
    .filter((name) => name.endsWith('spec.ts'))
    .map((name) => `${folder}/${name}`),
);

const testsOf = (room) =>
  specs
    .filter((file) => rooms[room].some((beginning) => file.startsWith(beginning)))
    .filter((file) => !leftOut.some((part) => file.includes(part)));

const reportOf = (room) => `reports/mutation/${room.replaceAll('/', '-')}.json`;

/** Tries the mutants of these paths, and writes to the report of the room what becomes of them. */
async function mutate(room, paths) {
  await new Stryker({
    mutate: [
      ...paths.map((path) => (path.includes('.ts') ? path : `${path}/**/*.ts`)),
      '!lib/**/*.spec.ts',
    ],
    plugins: [fileURLToPath(new URL('mutation/circus-runner.js', import.meta.url))],
    testRunner: 'circus',
    circus: { files: testsOf(room), testTimeout: 10_000 },
    buildCommand: 'node scripts/mutation/compile.js',
    coverageAnalysis: 'perTest',
    // What runs once, when a file is loaded, is seen by no test in particular: each would have to pass all of them.
    ignoreStatic: true,
    // Nearly all strings are messages; what the others decide, the mutants of their conditions try.
    mutator: { excludedMutations: ['StringLiteral'] },
    // Each run loads the files of its tests anew, and a process keeps them all.
    maxTestRunnerReuse: 20,
    concurrency: Number(values.concurrency),
    // Of what hangs, not a measure: on a busy machine all tests take their time.
    timeoutMS: 60_000,
    dryRunTimeoutMinutes: 30,
    incremental: true,
    incrementalFile: reportOf(room),
    force: values.anew,
    ignorePatterns: ['bench', 'coverage', 'dist', 'docs', 'reports', 'sample'],
    tempDirName: `reports/stryker/${process.pid}`,
    reporters: ['clear-text', 'progress-append-only'],
    clearTextReporter: { logTests: false, reportTests: false, reportScoreTable: false },
    allowConsoleColors: false,
    warnings: { unknownOptions: false },
  }).runMutationTest();
}

const chosen = positionals.length > 0 ? positionals : Object.keys(rooms);
for (const room of Object.keys(rooms)) {
  const paths = chosen.filter((path) => path.startsWith(room));
  if (paths.length > 0) await mutate(room, paths);
}

console.log('\n| | mutants | found | survived | reached by no test | score |');
console.log('| --- | --- | --- | --- | --- | --- |');
for (const room of Object.keys(rooms).filter((name) => existsSync(reportOf(name)))) {
  const { files } = JSON.parse(readFileSync(reportOf(room), 'utf8'));
  const mutants = Object.values(files).flatMap((file) => file.mutants);
  const count = (...statuses) => mutants.filter(({ status }) => statuses.includes(status)).length;
  const counts = [count('Killed', 'Timeout'), count('Survived'), count('NoCoverage')];
  const total = counts.reduce((sum, each) => sum + each);
  const score = ((100 * counts[0]) / total).toFixed(1);
  console.log(`| \`${room}\` | ${[total, ...counts].join(' | ')} | ${score} % |`);
}
