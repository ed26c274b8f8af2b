/** Resolves with all results, or rejects with the first failure, when none of the tasks is at work any more. */
export async function allEnded<T extends readonly unknown[] | []>(
  tasks: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(tasks);
  return await Promise.all(tasks);
}
