/** Where the module's options stand in Nest's container. */
export const HTTP_POOL_OPTIONS = 'HTTP_POOL_OPTIONS';

/** What makes other options of those of every server; for tests. */
export const HTTP_POOL_REWRITE = 'HTTP_POOL_REWRITE';

/** What the metrics of the application go to; undefined where there are none. */
export const HTTP_POOL_METRICS = 'HTTP_POOL_METRICS';

/** The context of the library's log lines. */
export const LOG_CONTEXT = 'HttpPool';
