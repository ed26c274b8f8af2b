import type { WorkflowExecutionDescription } from '@temporalio/client';

type Described = Pick<WorkflowExecutionDescription, 'runId' | 'historyLength'> & {
  raw: Pick<WorkflowExecutionDescription['raw'], 'pendingWorkflowTask'>;
};

/** When workers were last heard to answer, epoch milliseconds. */
export interface WorkerLife {
  heardAt: number;
}

/** If nothing is heard of any worker for so long, there may be none, and what is known is not confirmed. */
const SILENCE_MS = 5_000;

const isAnyoneThere = ({ heardAt }: WorkerLife, silenceMs = SILENCE_MS): boolean =>
  Date.now() - heardAt < silenceMs;

/** Events of a workflow that no worker has taken up: its start, and its first task. */
const NOT_BEGUN = 2;

/** It stands behind others, and asked it would answer only when it has begun. */
export const waitsToBegin = (
  { historyLength }: Pick<Described, 'historyLength'>,
  life: WorkerLife,
  silenceMs?: number,
): boolean => historyLength <= NOT_BEGUN && isAnyoneThere(life, silenceMs);

/** What to find out of a workflow. */
export interface Questions<T> {
  /** Its state, from a worker: after the task that it has for one, if there is any. */
  ask: () => Promise<T>;
  /** How many of its tasks were completed after its first so many events, from Temporal. */
  completedSince: (events: number) => Promise<number>;
}

interface Known<T> {
  value: T;
  runId: string;
  historyLength: number;
  /** Tasks completed after those events that the answer takes into account. */
  completed: number;
}

/**
 * What a workflow answered last. Its state changes with its tasks, so that it has no other answer until one more is
 * completed, however long the next has waited for a worker. To look at its events costs Temporal a third of a query, and
 * no worker anything.
 */
export class Answer<T> {
  readonly #life: WorkerLife;
  readonly #silenceMs: number | undefined;
  #known: Known<T> | null = null;

  constructor(life: WorkerLife, silenceMs?: number) {
    this.#life = life;
    this.#silenceMs = silenceMs;
  }

  /** By what Temporal says of the workflow now. */
  async of(described: Described, { ask, completedSince }: Questions<T>): Promise<T> {
    if (this.#known !== null && (await this.#holds(this.#known, described, completedSince)))
      return this.#known.value;
    const value = await ask();
    this.#life.heardAt = Date.now();
    const { runId, historyLength } = described;
    this.#known = { value, runId, historyLength, completed: hasTask(described) ? 1 : 0 };
    return value;
  }

  async #holds(
    { runId, historyLength, completed }: Known<T>,
    described: Described,
    completedSince: Questions<T>['completedSince'],
  ): Promise<boolean> {
    if (runId !== described.runId || !isAnyoneThere(this.#life, this.#silenceMs)) return false;
    if (historyLength === described.historyLength) return true;
    // One without a task answers at once, and one whose task has failed says so.
    return isWaiting(described) && (await completedSince(historyLength)) === completed;
  }
}

const hasTask = ({ raw }: Described): boolean => Boolean(raw.pendingWorkflowTask);
const isWaiting = (described: Described): boolean =>
  hasTask(described) && (described.raw.pendingWorkflowTask?.attempt ?? 1) <= 1;
