/** Where the module's options stand in Nest's container. */
export const HTTP_POOL_OPTIONS = 'HTTP_POOL_OPTIONS';

/** The context of the library's log lines. */
export const LOG_CONTEXT = 'HttpPool';
