import { expect, test } from 'vitest';
import { stopCustomizationJob } from '../../activities/customizations.js';
import { stopEvaluationJob } from '../../activities/evaluations.js';
import { aRunId, asActivity, aTrainingUse, platformActivities, QUICKLY } from '../support/activity-world.js';
import { anAnsweringServer, type Answering } from '../support/answering-server.js';
import { MODEL } from './jobs-world.js';

// While NeMo is upgraded what stands before it may answer in its place.

test.each(['customization', 'evaluation'] as const)(
  'a proxy that answers 404 ends the stop of a running %s, or is taken for the loss of one',
  async (kind) => {
    const elsewhere = { status: 404, body: '<html>default backend - 404</html>' };
    const of = (status: string) => ({ body: { id: 'job-1', status } });
    const answers: Answering[] = [elsewhere, of('running'), elsewhere, of('running'), {}, of('cancelled')];
    const { url, asked } = await anAnsweringServer(() => answers.shift() ?? { status: 500 });
    const { nemo, activities } = platformActivities({ nemoUrl: url, nimUrl: url, dataStoreUrl: url });
    const stop = kind === 'customization' ? stopCustomizationJob : stopEvaluationJob;
    await asActivity().run(() => stop(nemo, 'job-1', QUICKLY), null);
    expect(asked.map(({ method }) => method)).toEqual(['GET', 'GET', 'POST', 'GET', 'POST', 'GET']);

    answers.push(elsewhere);
    const passing = {
      type: `${kind === 'customization' ? 'customizer' : 'evaluator'}.unreachable`,
      nonRetryable: false,
    };
    const runId = aRunId();
    const stopped =
      kind === 'customization'
        ? asActivity().run(activities.stopCustomization, {
            use: aTrainingUse(runId, MODEL),
            patience: QUICKLY,
          })
        : asActivity().run(activities.stopEvaluation, {
            runId,
            candidate: MODEL,
            kind: 'base',
            patience: QUICKLY,
          });
    await expect(stopped).rejects.toMatchObject(passing);
  },
);
