import type { Agent } from 'node:http';
import type { Duplex } from 'node:stream';

/** Whoever was at the other end has closed. */
const GONE = new Set(['EPIPE', 'ECONNRESET']);

/**
 * Has the connections of an agent read on where nothing can be written any more. An upstream may answer before it has read
 * the whole request, and close; Node would close, too, and throw away what has come of the answer and was not read yet.
 * What is still to be written is dropped instead: the end of what can be read comes all the same.
 */
export function hearEarlyAnswers(agent: Agent): void {
  const gone = new WeakSet<Duplex>();
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const connection = connect(options, callback);
    if (connection) dropWhatCannotBeWritten(connection, () => gone.add(connection));
    return connection;
  };
  const keep = agent.keepSocketAlive.bind(agent);
  // Not for a next request, though its end has not been read yet.
  agent.keepSocketAlive = (connection) => (gone.has(connection) ? false : keep(connection));
}

type Done = (error?: NodeJS.ErrnoException | null) => void;

function dropWhatCannotBeWritten(connection: Duplex, onGone: () => void): void {
  const orDropped = (done: Done): Done => {
    return (error) => {
      if (!error || !GONE.has(error.code ?? '')) return done(error);
      onGone();
      done();
    };
  };
  const write = connection._write.bind(connection);
  connection._write = (chunk, encoding, done) => write(chunk, encoding, orDropped(done));
  const writeAll = connection._writev?.bind(connection);
  if (writeAll) connection._writev = (chunks, done) => writeAll(chunks, orDropped(done));
}
