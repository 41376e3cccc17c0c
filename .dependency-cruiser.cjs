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
