import { expect, test } from 'vitest';
import { aDataset, aJob, aPlatform, get, overJob } from '../support/local-platform.js';

const task = (path: string, value: string, wanted: string) => ({
  type: 'data',
  dataset: { files_url: `hf://datasets/test/d/${path}` },
  metrics: { m: { type: 'string-check', params: { check: [value, 'equals', wanted] } } },
});

test('the rows of a CSV file are not scored as those of other files', async () => {
  const platform = await aPlatform();
  // A byte order mark, quoted commas, quotes and line ends, an empty line, and a column that is not text.
  const csv = '\uFEFFsaid,wanted,n\r\n"a, ""b""\nc","a, ""b""\nc",1\r\n\r\nyes,no,2\r\n';
  await aDataset(platform, 'd', {
    'testing/rows.csv': csv,
    'testing/rows.jsonl': [{ said: 'x', wanted: 'x' }],
  });
  const jobs = `${platform.nemoUrl}/v1/evaluation/jobs`;
  const tasks = {
    file: task('testing/rows.csv', '{{ said }}', '{{ wanted }}'),
    folder: task('testing', '{{ said }}', '{{ wanted }}'),
    number: task('testing/rows.csv', '{{ n }}', '2'),
  };
  const config = { type: 'custom', tasks };
  const id = await aJob(jobs, { config, target: { type: 'model', model: 'm' } });
  expect(await overJob(`${jobs}/${id}`)).toMatchObject({ status: 'completed' });
  const score = (sum: number, count: number) => ({
    metrics: { m: { scores: { 'string-check': { stats: { sum, count } } } } },
  });
  expect((await get(`${jobs}/${id}/results`)).body).toMatchObject({
    tasks: { file: score(1, 2), folder: score(2, 3), number: score(1, 2) },
  });
});

test('a broken CSV file is read in part, or not named', async () => {
  const platform = await aPlatform();
  await aDataset(platform, 'd', { 'rows.csv': 'a,b\n1,2\n1,2,3\n' });
  const jobs = `${platform.nemoUrl}/v1/evaluation/jobs`;
  const config = { type: 'custom', tasks: { t: task('rows.csv', '{{ a }}', '1') } };
  const id = await aJob(jobs, { config, target: { type: 'model', model: 'm' } });
  expect(await overJob(`${jobs}/${id}`)).toMatchObject({
    status: 'failed',
    status_details: { message: expect.stringMatching(/rows\.csv is not CSV: .*line 3/) },
  });
});
