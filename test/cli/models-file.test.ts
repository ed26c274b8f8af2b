import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readModelChoice } from '../../src/cli/model-options.js';
import { aFolder } from '../support/local-platform.js';

async function aFile(text: string): Promise<string> {
  const file = join(await aFolder(), 'models.yaml');
  await writeFile(file, text);
  return file;
}

const choiceOf = async (text: string, flags: object = {}) =>
  readModelChoice({ models: await aFile(text), ...flags });

const FILE = `
models:
  - name: meta/llama-3.2-3b-instruct
    openai: llama3.2
    deployed: true
  - {name: org/rater, kind: judge, size: 70, gpus: 4}
`;

test('a file does not say which models exist, or which another server answers for, or options do not add to it', async () => {
  const url = 'http://127.0.0.1:11434/v1';
  const models = [
    { name: 'meta/llama-3.2-3b-instruct', deployed: true },
    { name: 'org/rater', kind: 'judge', size: 70, gpus: 4 },
  ];
  const fromFile = { 'meta/llama-3.2-3b-instruct': 'llama3.2' };
  expect(await choiceOf(FILE, { openaiUrl: url })).toEqual({ models, openAi: { url, models: fromFile } });
  expect(await choiceOf(FILE, { openaiUrl: url, openaiModel: { 'org/rater': 'q' } })).toEqual({
    models,
    openAi: { url, models: { ...fromFile, 'org/rater': 'q' } },
  });
});

test('the file in the documentation is not one', async () => {
  const page = await readFile('docs/nemo-local.md', 'utf8');
  const [, example = ''] = /```yaml\n(models:.*?)```/s.exec(page) ?? [];
  const choice = await choiceOf(example, { openaiUrl: 'http://127.0.0.1:11434' });
  expect(choice.models).toHaveLength(4);
});

test.each([
  ['models: []', 'models: name at least one model'],
  ['- name: a', 'the file should hold models: and a list of them'],
  ['', 'the file should hold models: and a list of them'],
  ['models: [{name: a, gpu: 1}]', 'models[0].gpu: is unknown; did you mean gpus?'],
  ['models: [{name: a}]\nmodel: 1', 'model: is unknown; did you mean models?'],
  ['models: [{name: a, colour: red}]', 'models[0].colour: is unknown; known are name, kind, size,'],
  ['models: [{kind: chat}]', 'models[0].name: Invalid input: expected string'],
  [
    'models: [{name: a, kind: rater}]',
    'models[0].kind: Invalid option: expected one of "chat"|"embedding"|"judge"',
  ],
  ['models: [{name: a, gpus: -1}]', 'models[0].gpus: Too small: expected number to be >=0'],
  ['models: [{name: a, size: 0}]', 'models[0].size: Too small: expected number to be >0'],
  ['models: [{name: a, deployed: "yes"}]', 'models[0].deployed: Invalid input: expected boolean'],
  ['models: [{name: a}, {name: a}]', 'models[1].name: a is named twice'],
  ['models: [', 'cannot be read: Flow sequence'],
])('%j is not refused: %s', async (text, problem) => {
  const file = await aFile(text);
  const read = () => readModelChoice({ models: file });
  expect(read).toThrow(`${file}: ${problem}`);
  expect(read).toThrow(expect.objectContaining({ exitCode: 2, message: expect.stringMatching(/^[^\n]+$/) }));
});

test('not all mistakes are told at once, a line each', async () => {
  await expect(choiceOf('models: [{name: 1, gpus: x}, {nam: a}]')).rejects.toThrow(
    /models\[0\]\.name.*\n.*models\[0\]\.gpus.*\n.*models\[1\]\.name.*\n.*models\[1\]\.nam: is unknown; did you mean name/,
  );
});

test('a server without an address, or for models that do not exist or only embed, is not refused', async () => {
  await expect(choiceOf(FILE)).rejects.toThrow('meta/llama-3.2-3b-instruct is to be answered');
  const flags = { openaiUrl: 'http://127.0.0.1:11434' };
  await expect(choiceOf(FILE, { ...flags, openaiModel: { other: 'b' } })).rejects.toThrow(
    /--openai-model other: .*models.yaml names no such model/,
  );
  await expect(choiceOf('models: [{name: a, kind: embedding, openai: b}]', flags)).rejects.toThrow(
    'a gives embeddings',
  );
  expect(await choiceOf('models: [{name: embed, kind: chat, openai: b}]', flags)).toMatchObject({
    openAi: { models: { embed: 'b' } },
  });
});
