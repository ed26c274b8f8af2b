import { asFields } from './canonical-message.js';

/** Where a reward is looked for in a log record, the first number counts. */
const PLACES = [['feedback', 'reward'], ['reward'], ['metadata', 'reward']];

/** How good production's answer was, as the application logged it: a number or the text of one; null without. */
export function readReward(record: unknown): number | null {
  for (const path of PLACES) {
    const value = path.reduce<unknown>((inner, key) => asFields(inner)?.[key], record);
    const reward = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof reward === 'number' && Number.isFinite(reward)) return reward;
  }
  return null;
}

/** Why a valid record is not trained on, nor shown as an example. */
export const UNTRAINED_REASONS = ['low-reward', 'no-reward'] as const;

export type UntrainedReason = (typeof UNTRAINED_REASONS)[number];

export const UNTRAINED: Record<UntrainedReason, string> = {
  'low-reward': 'the reward is below data_split_config.min_reward',
  'no-reward': 'data_split_config.min_reward is set, and the record has no reward',
};

/** null: it may be trained on. A record without reward is not known to be good. */
export function untrainedBy(minReward: number | null, record: unknown): UntrainedReason | null {
  if (minReward === null) return null;
  const reward = readReward(record);
  if (reward === null) return 'no-reward';
  return reward < minReward ? 'low-reward' : null;
}
