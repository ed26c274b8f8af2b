export { LoggingProxy, type ProxySettings } from './logging-proxy.js';
export { serveProxy } from './server.js';
export type { ProxyStatus } from './status.js';
