/** An environment variable that the program reads. */
export interface Variable {
  name: string;
  /** What it is, for the documentation. */
  is: string;
  /** The key of the file that it goes before. */
  overrides?: string;
  /** What counts when it is not set; without it: nothing. */
  fallback?: string;
  /** Its value is shown nowhere. */
  isSecret?: true;
}

/** Addresses, places and secrets: all that the program takes from the environment, but where it finds programs. */
export const VARIABLES: readonly Variable[] = [
  {
    name: 'NEMO_BASE_URL',
    is: 'address of entity store, deployments, customizer and evaluator',
    overrides: 'nmp_config.nemo_base_url',
  },
  { name: 'NIM_BASE_URL', is: 'address of the NIM proxy', overrides: 'nmp_config.nim_base_url' },
  {
    name: 'DATASTORE_BASE_URL',
    is: 'address of the data store',
    overrides: 'nmp_config.datastore_base_url',
  },
  { name: 'LOG_LEVEL', is: 'how much is logged', overrides: 'logging_config.level' },
  {
    name: 'FLYWHEEL_SPOOL_DIR',
    is: 'folder for records while datasets are built',
    overrides: 'storage_config.spool_dir',
  },
  {
    name: 'FLYWHEEL_PROXY_SPOOL_DIR',
    is: 'folder for records of the proxy that wait for the store',
    overrides: 'proxy.spool_dir',
  },
  {
    name: 'ELASTICSEARCH_URL',
    is: 'server 8.x or 9.x, with user and password where it needs them; without it the embedded store is used',
  },
  {
    name: 'ES_COLLECTION_NAME',
    is: 'index of the log records, in lower case; runs are kept in the index of that name with `-runs`',
    fallback: 'flywheel',
  },
  { name: 'HOST', is: 'where gateway and worker listen', fallback: '127.0.0.1' },
  { name: 'PORT', is: "the gateway's port; 0: any free one", fallback: '8000' },
  {
    name: 'WORKER_HEALTH_PORT',
    is: 'port on which a worker answers `GET /health`; without it, it listens nowhere',
  },
  {
    name: 'LLM_JUDGE_API_KEY',
    is: 'key of a remote judge; else that of `NVIDIA_API_KEY`',
    isSecret: true,
  },
  {
    name: 'EMB_API_KEY',
    is: 'key of a remote embedding model; else that of `NVIDIA_API_KEY`',
    isSecret: true,
  },
  { name: 'NVIDIA_API_KEY', is: 'key of both, where they have none of their own', isSecret: true },
  { name: 'HF_TOKEN', is: 'token for the data store; NeMo takes any', isSecret: true },
  {
    name: 'TEMPORAL_ADDRESS',
    is: "Temporal's address; the other variables of its command line and its profile file count too",
    fallback: 'of the profile file, else localhost:7233',
  },
  {
    name: 'TEMPORAL_NAMESPACE',
    is: "Temporal's namespace",
    fallback: 'of the profile file, else default',
  },
  { name: 'TEMPORAL_API_KEY', is: 'key of Temporal Cloud', isSecret: true },
  { name: 'TEMPORAL_CLI', is: "path of Temporal's command line program, for `demo` and `up`" },
  {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    is: "OpenTelemetry collector that traces are sent to (OTLP over HTTP, as JSON), such as `http://collector:4318`; OpenTelemetry's variables of resource, sampler, limits, batches and exporter count too",
  },
  {
    name: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    is: 'the whole URL that traces are sent to, instead',
  },
  {
    name: 'FLYWHEEL_API_KEY',
    is: 'key that `run`, `watch`, `import --url` and `proxy` send to a gateway which asks for one (`api_keys`)',
    isSecret: true,
  },
  { name: 'OPENAI_API_KEY', is: 'key for the server that `--openai-url` names', isSecret: true },
];

/** Variables of the blueprint that mean nothing here, and why. */
export const WITHOUT_EFFECT: Record<string, string> = {
  MONGODB_URL: 'runs are kept in Temporal and beside the log records, not in MongoDB',
  MONGODB_DB: 'runs are kept in Temporal and beside the log records, not in MongoDB',
  REDIS_URL: 'there is no queue beside Temporal: set TEMPORAL_ADDRESS',
  ES_EMBEDDINGS_INDEX_NAME: 'examples are compared in memory, and no index of embeddings is made',
};

/** One sentence for each variable of the blueprint that is set and has no effect. */
export function variableNotes(env: NodeJS.ProcessEnv): string[] {
  const notes = Object.entries(WITHOUT_EFFECT).flatMap(([name, reason]) =>
    env[name] ? [`${name} is set and has no effect: ${reason}`] : [],
  );
  if (!asksForMlflow(env)) return notes;
  return [...notes, 'COMPOSE_PROFILES names mlflow, which has no effect: runs are not sent to MLflow'];
}

/** The blueprint's rule: an exact member, separated by commas, without trimming. */
const asksForMlflow = (env: NodeJS.ProcessEnv): boolean =>
  (env['COMPOSE_PROFILES'] ?? '').split(',').includes('mlflow');
