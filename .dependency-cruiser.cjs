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

const withoutNest = '(pool|server|tls|handler|monitor|proxy-protocol|config|errors)/';

const oneWay = rooms.slice(1).map((room, index) => ({
  name: 'one-way',
  comment:
    'index, module -> service -> pool -> server -> tls, handler, monitor -> config -> errors.',
  severity: 'error',
  from: { path: `^lib/${room}`, pathNot: '[.]spec[.]ts$' },
  to: { path: `^lib/(${rooms.slice(0, index + 1).join('|')})` },
}));

/** The inner rooms of lib/server/, along the way of a connection. Those of one line don't know each other. */
const serverRooms = [
  '[^/]+[.]ts$',
  '(lifecycle|log)/',
  'endpoint/',
  'drain/',
  '(transport|listener)/',
];

/** What lies beside the rooms and is known in all of them: plain types, and what knows no server. */
const knownInServer = 'lib/server/(server-state|deliver)[.]ts$';

const downTheServer = serverRooms.slice(1).map((room, index) => ({
  name: 'down-the-server',
  comment: 'pooled-server -> lifecycle | log -> endpoint -> drain -> transport | listener.',
  severity: 'error',
  from: { path: `^lib/server/${room}`, pathNot: '[.]spec[.]ts$' },
  to: {
    path: `^lib/server/(${serverRooms.slice(0, index + 1).join('|')})`,
    pathNot: `^${knownInServer}`,
  },
}));

module.exports = {
  forbidden: [
    ...oneWay,
    ...downTheServer,
    {
      name: 'transport-and-listener-apart',
      comment: 'A listener outlives every transport behind it, and a transport never listens.',
      severity: 'error',
      from: { path: '^lib/server/(transport|listener)/', pathNot: '[.]spec[.]ts$' },
      to: { path: '^lib/server/(transport|listener)/', pathNot: '^lib/server/$1/' },
    },
    {
      name: 'lifecycle-and-log-apart',
      comment: 'The log tells what the lifecycle has done, and has no part in it.',
      severity: 'error',
      from: { path: '^lib/server/(lifecycle|log)/', pathNot: '[.]spec[.]ts$' },
      to: { path: '^lib/server/(lifecycle|log)/', pathNot: '^lib/server/$1/' },
    },
    {
      name: 'connection-beneath-the-transport',
      comment:
        'A connection is followed without knowledge of what serves it: of the transport it knows what is read of Node, and the types that observers are told in.',
      severity: 'error',
      from: { path: '^lib/server/transport/(connection|node)/', pathNot: '[.]spec[.]ts$' },
      to: {
        path: '^lib/server/transport/',
        pathNot: '^lib/server/transport/($1/|node/|events/server-events[.]ts$)',
      },
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
      to: {
        path: [
          '(^|/)@nestjs/',
          `^lib/(?!process/|management/whole/|metrics/(families|merge)[.]ts$|${withoutNest})`,
        ],
      },
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
