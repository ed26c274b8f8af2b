export { GatewayError, startGateway } from './server.js';
