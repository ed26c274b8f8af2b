import { CancellationScope } from '@temporalio/workflow';

/** Runs steps side by side; the first failure cancels the others, and all have ended before it is thrown. */
export async function together(steps: (() => Promise<void>)[]): Promise<void> {
  const scope = new CancellationScope();
  const failures: unknown[] = [];
  const guarded = steps.map((step) => async () => {
    await step().catch((error: unknown) => {
      failures.push(error);
      scope.cancel();
    });
  });
  await scope.run(() => Promise.all(guarded.map((step) => step())));
  if (failures.length > 0) throw failures[0];
}
