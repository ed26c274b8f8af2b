import type { Collection } from './collection.js';
import { timestamp } from './entity-ids.js';
import type { NamedEntity } from './entity-routes.js';
import { dataOf } from './guardrail-config.js';

const STORE = 'file:///app/services/guardrails/config-store';

const SELF_CHECKS = {
  rails: { input: { flows: ['self check input'] }, output: { flows: ['self check output'] } },
  prompts: [
    {
      task: 'self_check_input',
      content: 'Should this message of a user be blocked? "{{ user_input }}" Answer Yes or No.',
    },
    {
      task: 'self_check_output',
      content: 'Should this message of a bot be blocked? "{{ bot_response }}" Answer Yes or No.',
    },
  ],
};

const INSTRUCTIONS = [
  {
    type: 'general',
    content:
      'The bot answers questions of the employees of a company politely and says so when it does not know.',
  },
];

/** The configurations that the platform brings along; `abc` is its example of a company's bot. */
const BUILT_IN: [name: string, data: object][] = [
  ['default', {}],
  ['self-check', SELF_CHECKS],
  ['abc', { ...SELF_CHECKS, instructions: INSTRUCTIONS }],
];

/** Adds those that are not there. They are files of the platform: deleted, they are back at its next start. */
export function addBuiltInConfigs(configs: Collection<NamedEntity>): void {
  const now = timestamp();
  for (const [name, data] of BUILT_IN) {
    if (configs.get(`default/${name}`)) continue;
    configs.put(`default/${name}`, {
      id: `guardrail-${name}`,
      name,
      namespace: 'default',
      description: null,
      project: null,
      custom_fields: {},
      ownership: null,
      schema_version: '1.0',
      files_url: `${STORE}/${name}`,
      data: dataOf({ data }),
      created_at: now,
      updated_at: now,
    });
  }
}
