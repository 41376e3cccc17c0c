/**
 * Upgrades an application under `nestjs-http-pool run` again and again while clients that retry nothing
 * ask it: nothing may be lost, and the supervisor's memory and descriptors stay flat.
 *
 *     npm run test:upgrade                          # 1,000 upgrades, then 100 of each other variant
 *     npm run test:upgrade -- tls nest              # these variants, 1,000 upgrades each
 *     UPGRADES=20 npm run test:upgrade -- plain
 *
 * Run by `npm run test:upgrade`, which builds first.
 */
import { Ledger } from '../../dist/process/prove/ledger.js';
import { Load } from '../../dist/process/prove/load.js';
import { findRoles } from '../../dist/process/prove/probe.js';
import { targetsOf } from '../../dist/process/prove/target.js';
import { StrictClient } from './strict-client.js';
import { Supervised } from './supervised.js';
import { variants } from './variants.js';

const upgrades = Number(process.env.UPGRADES ?? 1_000);

/** Clients of `prove` for each server, and those that compare the body of each answer with what they sent. */
const clientCount = Number(process.env.CLIENTS ?? 16);

/** Returns whether nothing was lost, and the supervisor stayed as it was. */
async function run(name, count) {
  const variant = await variants[name]();
  const supervised = new Supervised(variant);
  await supervised.ready();
  const ledger = new Ledger();
  const urls = [...supervised.urls].map((url) => new URL(url));
  const targets = (await Promise.all(urls.map(targetsOf))).flat();
  const without = new Set(variant.without);
  const stages = await Promise.all(targets.map((target) => findRoles(target, without)));
  const load = new Load(stages, clientCount, ledger, (error) => (ledger.ownFault ??= error));
  const echoing = variant.echoes ? urls : [];
  const strict = echoing.flatMap(({ href }) =>
    Array.from({ length: clientCount }, (_, at) => new StrictClient(href, at % 2 === 0)),
  );
  const failures = () => strict.flatMap((client) => client.failures);
  const counts = () => ({
    answered: ledger.answered + strict.reduce((sum, client) => sum + client.answered, 0),
    lost: ledger.lost + failures().length,
  });
  const footprints = [];
  const began = performance.now();
  for (let done = 1; done <= count; done += 1) {
    ledger.signalled();
    await supervised.upgrade();
    footprints.push(supervised.footprint());
    if (done % 50 === 0) console.log(`${name}: ${done} upgrades`, footprints.at(-1), counts());
  }
  const seconds = (performance.now() - began) / 1000;
  await Promise.all([load.stop(), ...strict.map((client) => client.end())]);
  const code = await supervised.stop();
  variant.remove?.();

  const { answered, lost } = counts();
  const { isFlat, text } = judge(footprints);
  console.log(
    `${name}: ${count} upgrades in ${seconds.toFixed(0)} s: ${answered} answered, ${lost} lost`,
  );
  console.log(`${name}: supervisor ${text}, code ${code}`);
  for (const [kind, { count: times }] of ledger.kinds) console.log(`lost: ${times} ${kind}`);
  for (const each of new Set(failures())) console.log(`lost: ${each}`);
  if (ledger.ownFault) console.log(`the clients failed: ${ledger.ownFault.message}`);
  return lost === 0 && isFlat && code === 0 && ledger.ownFault === undefined;
}

/** What a process takes at first is no leak: the first tenth warms it up. */
function judge(footprints) {
  const warm = footprints.slice(Math.floor(footprints.length / 10));
  const [first, last] = [warm[0], warm.at(-1)];
  return {
    isFlat: last.mb - first.mb < 20 && last.descriptors - first.descriptors <= 2,
    text:
      `${first.mb.toFixed(0)} -> ${last.mb.toFixed(0)} MB, ` +
      `${first.descriptors} -> ${last.descriptors} descriptors`,
  };
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in variants));
if (unknown.length > 0) throw new Error(`No such variant: ${unknown.join(', ')}`);
const [first, ...others] = Object.keys(variants);
const runs =
  asked.length > 0
    ? asked.map((name) => [name, upgrades])
    : [[first, upgrades], ...others.map((name) => [name, Math.ceil(upgrades / 10)])];
for (const [name, count] of runs) if (!(await run(name, count))) process.exitCode = 1;
