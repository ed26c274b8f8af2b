// What models of each size learn: mean and 95 % interval over 10 seeds; of the demo's logs, or of --logs FILE.
import { DEMO_CONVERSATIONS } from '../src/traffic/index.js';
import { aTrial, EXPERIMENTS, learn, SEEDS, SIZES } from '../test/nemo-local/engine/experiments.js';
import { SCORES, type Score } from '../test/nemo-local/engine/scoring.js';
import { recordsOfFile, simulatedRecords } from '../test/support/traffic-records.js';
import { baselineScores } from './support/baselines.js';
import { readOptions } from './support/options.js';

/** 97.5 % quantile of Student's t with 9 degrees of freedom: means of 10 seeds. */
const T = 2.262;

const { logs } = readOptions();
const records = logs === undefined ? null : await recordsOfFile(logs);
const recordsOf = (seed: number) => records ?? simulatedRecords({ seed, conversations: DEMO_CONVERSATIONS });

const baselines = await Promise.all(
  SEEDS.map(async (seed) => {
    const { training, evaluation } = await aTrial(recordsOf(seed), seed);
    return baselineScores(training, evaluation);
  }),
);
console.log('The right function, of the same rows, without any model of ours:');
for (const baseline of Object.keys(baselines[0] ?? {}))
  console.log(`${baseline.padEnd(24)}${interval(baselines.map((scores) => scores[baseline] ?? 0))}`);

const learning = await learn(recordsOf);

console.log(
  `\nOver 10 seeds, each with its own split by conversation: ${logs ?? "the demo's simulated logs"}\n`,
);
console.log(`${'model'.padEnd(10)}${'experiment'.padEnd(14)}${SCORES.map((key) => key.padEnd(16)).join('')}`);
for (const size of SIZES) {
  for (const experiment of EXPERIMENTS) {
    const scores: readonly Score[] = learning[size][experiment];
    const cells = SCORES.map((key) => interval(scores.map((score) => score[key])).padEnd(16));
    console.log(`${`tiny-${size}b`.padEnd(10)}${experiment.padEnd(14)}${cells.join('')}`);
  }
}

/** Mean ± half of the 95 % interval. */
function interval(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return `${mean.toFixed(3)} ± ${(T * Math.sqrt(variance / values.length)).toFixed(3)}`;
}
