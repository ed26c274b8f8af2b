export { createGateway } from './app.js';
export { GatewayError, startGateway, type RunningGateway } from './server.js';
export type { GatewayServices } from './services.js';
