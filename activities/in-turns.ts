/** So many are asked at a time. */
const AT_A_TIME = 16;

/** The answers in the order of the items. */
export async function inTurns<I, O>(items: readonly I[], work: (item: I) => Promise<O>): Promise<O[]> {
  const done: O[] = [];
  for (let i = 0; i < items.length; i += AT_A_TIME)
    done.push(...(await Promise.all(items.slice(i, i + AT_A_TIME).map(work))));
  return done;
}
