// What models of each size learn: mean and 95 % interval over 10 seeds; of the demo's logs, or of --logs FILE.
import { EXPERIMENTS, learn, meanOf, SIZES } from '../test/nemo-local/engine/experiments.js';
import { SCORES, type Score } from '../test/nemo-local/engine/scoring.js';
import { DEMO_CONVERSATIONS, recordsOfFile, simulatedRecords } from '../test/support/traffic-records.js';
import { readOptions } from './support/options.js';

/** 97.5 % quantile of Student's t with 9 degrees of freedom: means of 10 seeds. */
const T = 2.262;

const { logs } = readOptions();
const records = logs === undefined ? null : await recordsOfFile(logs);
const learning = await learn(
  (seed) => records ?? simulatedRecords({ seed, conversations: DEMO_CONVERSATIONS }),
);

console.log(
  `Over 10 seeds, each with its own split by conversation: ${logs ?? "the demo's simulated logs"}\n`,
);
console.log(`${'model'.padEnd(10)}${'experiment'.padEnd(14)}${SCORES.map((key) => key.padEnd(16)).join('')}`);
for (const size of SIZES) {
  for (const experiment of EXPERIMENTS) {
    const cells = SCORES.map((key) => meanWithInterval(learning[size][experiment], key).padEnd(16));
    console.log(`${`tiny-${size}b`.padEnd(10)}${experiment.padEnd(14)}${cells.join('')}`);
  }
}

function meanWithInterval(scores: readonly Score[], key: keyof Score): string {
  const mean = meanOf(scores, key);
  const variance = scores.reduce((sum, score) => sum + (score[key] - mean) ** 2, 0) / (scores.length - 1);
  return `${mean.toFixed(3)} ± ${(T * Math.sqrt(variance / scores.length)).toFixed(3)}`;
}
