import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder } from '../support/local-platform.js';
import { flywheel } from '../support/program.js';

async function check(content: string, env: NodeJS.ProcessEnv = {}) {
  const file = join(await aFolder(), 'config.yaml');
  await writeFile(file, content);
  const program = flywheel(['config', 'check', file], env);
  return { code: await program.ended(), said: program.output(), file };
}

const GOOD = `
nmp_config: { nemo_base_url: http://nemo.test, nim_base_url: http://nim.test, datastore_base_url: http://ds.test }
llm_judge_config: { model_name: meta/judge }
nims: [{ model_name: meta/small, context_length: 8192, gpu: 1 }]
`;

test('a file that can be used is not shown as it counts', async () => {
  const { code, said, file } = await check(GOOD, {
    LOG_LEVEL: 'debug',
    EMB_API_KEY: 'key-1',
    REDIS_URL: 'r',
  });
  expect(code).toBe(0);
  expect(said).toMatch(/^nmp_config\.nemo_base_url +"http:\/\/nemo\.test" +file$/m);
  expect(said).toMatch(/^logging_config\.level +"debug" +LOG_LEVEL$/m);
  expect(said).toMatch(/^verdict\.target +0\.9 +default$/m);
  expect(said).toMatch(/^EMB_API_KEY +set +environment$/m);
  expect(said).not.toContain('key-1');
  expect(said).toContain('Warning: nims[0].gpu is unknown and ignored; did you mean gpus?\n');
  expect(said).toMatch(/^Warning: REDIS_URL is set/m);
  expect(said.trim().split('\n').at(-1)).toBe(`${file} can be used; 2 warnings.`);
});

test('a file that cannot be used is shown without its mistakes, or taken for good', async () => {
  const { code, said, file } = await check('nims: []\nverdict: { target: 2 }\n', { PORT: 'x' });
  expect(code).toBe(2);
  const lines = said.trim().split('\n');
  expect(lines.every((line) => line.startsWith(`${file}: `))).toBe(true);
  expect(lines.length).toBe(7);
});

test('a file that is not there is a stack', async () => {
  const program = flywheel(['config', 'check', '/none.yaml']);
  expect(await program.ended()).toBe(2);
  expect(program.output()).toMatch(/^\/none\.yaml: cannot be read: [^\n]*\n$/);
});
