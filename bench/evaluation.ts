// How fast nemo-local evaluates, and whether it answers others meanwhile.
import { toEvaluationRow } from '../src/records/rows.js';
import { evaluationConfig } from '../src/nemo/evaluation-config.js';
import { measureJobs } from './support/job-bench.js';
import { exactly, readOptions, readRecords } from './support/options.js';
import { withPlatform } from './support/platform.js';

const { logs, rows: count } = readOptions();
const MODELS = ['meta/tiny-1b', 'meta/tiny-8b'];
const JUDGE = 'meta/tiny-70b';

const records = (await readRecords(logs)).filter(({ answer }) => answer.toolCalls.length > 0);
const origin = { workloadId: 'bench', clientId: 'bench' };
const rows = exactly(count, records).map((record, i) => toEvaluationRow(`row-${i}`, record, origin));

await withPlatform(async (platform) => {
  await platform.upload('eval', { 'eval_data.jsonl': rows });
  for (const model of [...MODELS, JUDGE]) await platform.deploy(model);
  const slices = [{ type: 'tool-calling' as const, file: 'eval_data.jsonl', tools: true, rows: count }];
  const judged = evaluationConfig({
    kind: 'base',
    slices,
    filesUrl: 'hf://datasets/bench/eval',
    judge: JUDGE,
  });
  const evaluate = (model: string, config: unknown) => () =>
    platform.run('/v1/evaluation/jobs', { namespace: 'bench', target: { type: 'model', model }, config });
  const jobs = MODELS.flatMap((model) => [
    [`${model}, ${count} rows of tool calls`, evaluate(model, withoutJudge(judged))] as const,
    [`${model}, ${count} rows of tool calls, judged as a run judges them`, evaluate(model, judged)] as const,
  ]);
  await measureJobs(platform, count, Object.fromEntries(jobs));
});

/** The same evaluation scored by its tool calls alone. */
function withoutJudge(config: ReturnType<typeof evaluationConfig>): unknown {
  return JSON.parse(
    JSON.stringify(config, (key, value: unknown) => (key === 'correctness' ? undefined : value)),
  );
}
