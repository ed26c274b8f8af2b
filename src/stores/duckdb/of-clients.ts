import type { DuckDBValue } from '@duckdb/node-api';
import type { OfClients } from '../clients.js';

/** The condition that a row is of one of the clients; their names join the values that the statement binds. */
export function ofClients({ clientIds }: OfClients, values: DuckDBValue[]): string {
  if (clientIds === undefined) return 'true';
  const places = clientIds.map((clientId) => `$${values.push(clientId)}`);
  return places.length > 0 ? `client_id IN (${places.join()})` : 'false';
}
