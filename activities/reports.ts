import { activityInfo, cancellationSignal, log } from '@temporalio/activity';
import { ServiceError } from '../src/nemo/service-error.js';
import { reportOn } from '../src/report/index.js';
import type { SamplesByExperiment } from '../src/report/types.js';
import type { Activities, ReportCandidateInput } from './contract.js';
import { beating } from './beating.js';
import { isFinal, isOutage } from './failures.js';
import { readSamples } from './scores.js';
import type { ActivityServices } from './services.js';

/** Scores stand without their samples: what a platform that answers cannot give is asked for so many times. */
const ATTEMPTS = 5;
/** And one that does not answer is waited for so long; also attempts that run out of time end by this. */
const PATIENCE_MS = 3_600_000;
/** Seed of the bootstrap: the same samples always give the same interval. */
const SEED = 1;

export function createReportActivities({ nemo }: ActivityServices): Pick<Activities, 'reportCandidate'> {
  return {
    async reportCandidate(input) {
      const samples = await downloadSamples(nemo, input);
      const { model, target, slices, evaluations } = input;
      return reportOn({ model, target, slices, evaluations, samples, seed: SEED });
    },
  };
}

/** The samples of each completed evaluation; an archive that cannot be read leaves its scores without intervals. */
async function downloadSamples(
  nemo: ActivityServices['nemo'],
  { evaluations, slices }: ReportCandidateInput,
): Promise<SamplesByExperiment> {
  const samples: SamplesByExperiment = {};
  if (Date.now() - activityInfo().scheduledTimestampMs > PATIENCE_MS) return samples;
  for (const { kind, status, jobId } of evaluations) {
    if (status !== 'completed' || jobId === null) continue;
    const archive = await beating({ reading: jobId }, download(nemo, jobId));
    if (archive) samples[kind] = readSamples(archive, slices);
  }
  return samples;
}

async function download(nemo: ActivityServices['nemo'], jobId: string) {
  try {
    const archive = await nemo.evaluator.samples(jobId, cancellationSignal());
    if (!archive) log.warn(`the archive of evaluation ${jobId} is not laid out as expected: no samples`);
    return archive;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    if (isOutage(error) || (!isFinal(error) && activityInfo().attempt < ATTEMPTS)) throw error;
    log.warn(`no samples of evaluation ${jobId}: ${error.message}`);
    return null;
  }
}
