import type { ServerOptions } from 'nestjs-http-pool';

/** The servers of this application, with their addresses from the environment. */
export function serversFrom(env: NodeJS.ProcessEnv): ServerOptions[] {
  return [
    { name: 'public', listen: env.PUBLIC_LISTEN ?? '127.0.0.1:3000' },
    {
      name: 'admin',
      listen: env.ADMIN_LISTEN ?? '127.0.0.1:3001',
      // It reports on the others while they drain.
      shutdown: { last: true },
    },
  ];
}
