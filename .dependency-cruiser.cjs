/**
 * The rooms of lib/ and the one way through them: each may import from those below it only. Rooms that are
 * not named here (nest/, health/ and the like) belong to Nest's side, above the pool.
 */
const rooms = [
  '(index|http-pool[.]module)[.]ts$',
  // The service, and whatever else (tokens, decorators) lies beside it.
  '(?!(index|http-pool[.]module)[.]ts$)[^/]+[.]ts$',
  'pool/',
  'server/',
  '(tls|handler|monitor|proxy-protocol)/',
  'config/',
  'errors/',
];

/** What several processes tell as one, known to the command line as well. */
const toldAsOne = ['^lib/management/whole/', '^lib/metrics/(families|merge)[.]ts$'];

const withoutNest = '(pool|server|tls|handler|monitor|proxy-protocol|config|errors)/';

const oneWay = downwards('one-way', 'lib/', rooms, {
  comment:
    'index, module -> service -> pool -> server -> tls, handler, monitor -> config -> errors.',
});

/** The inner rooms of lib/server/, along the way of a connection. Those of one line don't know each other. */
const serverRooms = [
  '[^/]+[.]ts$',
  '(lifecycle|log)/',
  'endpoint/',
  'drain/',
  '(transport|listener)/',
];

const downTheServer = downwards('down-the-server', 'lib/server/', serverRooms, {
  comment: 'pooled-server -> lifecycle | log -> endpoint -> drain -> transport | listener.',
  // What lies beside the rooms and is known in all of them: plain types, and what knows no server.
  known: '^lib/server/(server-state|deliver)[.]ts$',
});

const downTheTransport = downwards(
  'down-the-transport',
  'lib/server/transport/',
  ['[^/]+[.]ts$', 'http2/', 'limits/', 'answer/', 'connection/', '(events|node)/'],
  {
    comment:
      'Each event of Node -> http2 -> limits -> answer -> connection -> events | node: a connection is followed without knowledge of what serves it.',
  },
);

const downThePool = downwards('down-the-pool', 'lib/pool/', ['[^/]+[.]ts$', 'apply/', 'members/'], {
  comment: 'pool, its view and its operations -> apply -> members.',
  known: '^lib/pool/pool[.]options[.]ts$',
});

/** What of config/ stands beneath its rooms: how a value is read, and shown. */
const plainConfig = '(?!(server[.]config|server-settings)[.]ts$)[^/]+[.]ts$';

const downTheConfig = downwards(
  'down-the-config',
  'lib/config/',
  [
    'input/',
    '(server[.]config|server-settings)[.]ts$',
    'options/',
    'rules/',
    'address/',
    plainConfig,
  ],
  { comment: 'input -> the whole config -> options -> rules -> address -> how a value is read.' },
);

/** Rules for rooms of which each may import from those below it only. */
function downwards(name, folder, rooms, { comment, known = '^$' }) {
  return rooms.slice(1).map((room, index) => ({
    name,
    comment,
    severity: 'error',
    from: { path: `^${folder}${room}`, pathNot: '[.]spec[.]ts$' },
    to: { path: `^${folder}(${rooms.slice(0, index + 1).join('|')})`, pathNot: known },
  }));
}

/** A rule for rooms beside each other: none imports from another one. */
function apart(name, folder, rooms, comment) {
  const anyRoom = `^${folder}(${rooms})/`;
  return {
    name,
    comment,
    severity: 'error',
    from: { path: anyRoom, pathNot: '[.]spec[.]ts$' },
    to: { path: anyRoom, pathNot: `^${folder}$1/` },
  };
}

module.exports = {
  forbidden: [
    ...oneWay,
    ...downTheServer,
    ...downTheTransport,
    ...downThePool,
    ...downTheConfig,
    apart(
      'transport-and-listener-apart',
      'lib/server/',
      'transport|listener',
      'A listener outlives every transport behind it, and a transport never listens.',
    ),
    apart(
      'lifecycle-and-log-apart',
      'lib/server/',
      'lifecycle|log',
      'The log tells what the lifecycle has done, and has no part in it.',
    ),
    apart(
      'events-and-node-apart',
      'lib/server/transport/',
      'events|node',
      'What is read of Node is told to nobody as it is.',
    ),
    apart(
      'run-and-prove-apart',
      'lib/process/',
      'run|prove',
      'What proves an application knows nothing of what runs it.',
    ),
    {
      name: 'beside-the-pool',
      comment:
        'Each of these knows the pool, and of the others, or of the bridge to Nest, only what several processes tell as one.',
      severity: 'error',
      from: { path: '^lib/(health|management|metrics|process)/', pathNot: '[.]spec[.]ts$' },
      to: {
        path: '^lib/(nest|health|management|metrics|process)/',
        pathNot: ['^lib/$1/', ...toldAsOne],
      },
    },
    {
      name: 'only-health-is-injected',
      comment:
        'Of the module and its service the rooms beside the pool know nothing; an indicator is given the service.',
      severity: 'error',
      from: { path: '^lib/(management|metrics|process)/', pathNot: '[.]spec[.]ts$' },
      to: { path: '^lib/[^/]+[.]ts$' },
    },
    {
      name: 'whole-stands-alone',
      comment:
        'What a process tells of itself is asked by the command line, too: it knows no path and no page.',
      severity: 'error',
      from: { path: '^lib/management/whole/', pathNot: '[.]spec[.]ts$' },
      to: { path: '^lib/management/', pathNot: '^lib/management/whole/' },
    },
    {
      name: 'internals-beneath-the-bridge',
      comment: 'What is read of Nest, Express and Fastify is known without what it is read for.',
      severity: 'error',
      from: { path: '^lib/nest/internals/', pathNot: '[.]spec[.]ts$' },
      to: { path: '^lib/nest/', pathNot: '^lib/nest/internals/' },
    },
    {
      name: 'config-and-errors-stand-alone',
      comment: 'config/ imports nothing of the library but errors/, and errors/ nothing at all.',
      severity: 'error',
      from: { path: '^lib/(config|errors)/', pathNot: '[.]spec[.]ts$' },
      to: { path: '^lib/', pathNot: ['^lib/$1/', '^lib/errors/'] },
    },
    {
      name: 'no-nest-in-the-pool',
      comment: 'The pool works without Nest: its rooms load none of it, not even by a type.',
      severity: 'error',
      from: { path: `^lib/${withoutNest}`, pathNot: '[.]spec[.]ts$' },
      to: { path: ['(^|/)@nestjs/', `^lib/(?!${withoutNest})`] },
    },
    {
      name: 'the-command-line-stands-alone',
      comment:
        'The command line starts any application: it loads none of Nest, and of lib/ above the pool only what several processes tell as one.',
      severity: 'error',
      from: { path: '^lib/process/', pathNot: '[.]spec[.]ts$' },
      to: { path: ['(^|/)@nestjs/', `^lib/(?!process/|${withoutNest})`], pathNot: toldAsOne },
    },
    {
      name: 'no-cycle',
      comment: 'Modules that import each other have no order in which they can be read or loaded.',
      severity: 'error',
      from: { path: '^lib/' },
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'An import that resolves to nothing would escape the rules above.',
      severity: 'error',
      from: { path: '^lib/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Sees `import type` too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types'] },
  },
};
