import { setTimeout as sleep } from 'node:timers/promises';

const START_LIMIT_MS = 120_000;

/** Whether the server that is starting answers in time; `url` is '' while its address is unknown. */
export async function comesUp(url: () => string, isGone = (): boolean => false): Promise<boolean> {
  const giveUpAt = Date.now() + START_LIMIT_MS;
  while (Date.now() < giveUpAt && !isGone()) {
    if (url() !== '' && (await isUp(url()))) return true;
    await sleep(100);
  }
  return false;
}

async function isUp(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/_cluster/health?wait_for_status=yellow&timeout=5s`).catch(() => null);
  return answer?.ok ?? false;
}
