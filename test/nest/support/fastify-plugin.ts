/** A plugin that adds to the instance it is registered on, as `fastify-plugin` makes it. */
export function fastifyPlugin<T extends (...args: any[]) => unknown>(name: string, plugin: T): T {
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: name,
    [Symbol.for('plugin-meta')]: { name },
  });
}
