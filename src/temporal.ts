import { Client, type ClientInterceptors, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { messageOf } from './message-of.js';
import { SEARCH_ATTRIBUTES } from './search-attributes.js';
import { Repeats } from './temporal-repeats.js';

/** Temporal that cannot be reached or does not permit what is needed: says where and what to do. */
export class TemporalError extends Error {
  override readonly name = 'TemporalError';
}

/** Settings of Temporal's own environment variables and profile file; so Temporal Cloud and mTLS work. */
const settings = () => {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  return { connectionOptions, namespace: namespace ?? 'default' };
};

/** After a long outage the client would by default look for the server every two minutes only. */
const channelArgs = { 'grpc.max_reconnect_backoff_ms': 5_000 };

/** A client that has been seen to reach the server. */
export async function connectClient(
  address?: string,
  interceptors: ClientInterceptors = {},
): Promise<{ client: Client; close(): Promise<void> }> {
  const { connectionOptions, namespace } = settings();
  const options = { ...connectionOptions, ...(address === undefined ? {} : { address }) };
  const repeats = new Repeats();
  const connection = await reach(options.address, () =>
    Connection.connect({
      ...options,
      channelArgs,
      interceptors: [repeats.interceptor],
      connectTimeout: '5s',
    }),
  );
  const close = async () => {
    await repeats.end();
    await connection.close();
  };
  return { client: new Client({ connection, namespace, interceptors }), close };
}

/** The connection of a worker. */
export async function connectWorker(
  address?: string,
): Promise<{ connection: NativeConnection; namespace: string }> {
  const { connectionOptions, namespace } = settings();
  const options = { ...connectionOptions, ...(address === undefined ? {} : { address }) };
  return { connection: await reach(options.address, () => NativeConnection.connect(options)), namespace };
}

async function reach<T>(address: string | undefined, connect: () => Promise<T>): Promise<T> {
  try {
    return await connect();
  } catch (cause) {
    const reason = messageOf(cause);
    throw new TemporalError(
      `Temporal does not answer at ${address ?? 'localhost:7233'} (${reason.split('\n')[0]}). Start a server there ` +
        '(`temporal server start-dev`), or set TEMPORAL_ADDRESS to one that runs.',
      { cause },
    );
  }
}

/** gRPC's PERMISSION_DENIED and UNIMPLEMENTED: Temporal Cloud registers search attributes elsewhere. */
const NOT_PERMITTED = [7, 12];
/** The protocol's number for keyword attributes. */
const KEYWORD_TYPE = 2;

/** Registers our search attributes in the namespace, unless they are there; without them no run could start. */
export async function registerSearchAttributes(client: Client): Promise<void> {
  const { operatorService } = client.connection;
  const { namespace } = client.options;
  try {
    const known = await operatorService.listSearchAttributes({ namespace });
    const missing = SEARCH_ATTRIBUTES.filter((name) => !(name in (known.customAttributes ?? {})));
    if (missing.length === 0) return;
    const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD_TYPE]));
    await operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (cause) {
    const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
    if (!NOT_PERMITTED.includes(Number(code))) throw cause;
    const commands = SEARCH_ATTRIBUTES.map(
      (name) =>
        `  temporal operator search-attribute create --namespace ${namespace} --name ${name} --type Keyword`,
    );
    throw new TemporalError(
      `Search attributes may not be registered from here. Run once:\n${commands.join('\n')}`,
      { cause },
    );
  }
}
