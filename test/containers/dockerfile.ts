import { readFileSync } from 'node:fs';
import type { GatewaySettings } from '../../src/config/types.js';
import { VARIABLES } from '../../src/config/variables.js';
import { STOP_MS } from '../../src/proxy/recorder.js';

interface Stage {
  from: string;
  /** Instruction and arguments, continued lines joined. */
  instructions: [instruction: string, rest: string][];
}

const lines = readFileSync('Dockerfile', 'utf8')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line.trim() !== '');

function readStages(): Stage[] {
  const stages: Stage[] = [];
  for (const line of lines) {
    const [, instruction = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (instruction === 'FROM') stages.push({ from: rest, instructions: [] });
    else stages.at(-1)?.instructions.push([instruction, rest]);
  }
  return stages;
}

const stages = readStages();
const image = stages.at(-1)?.instructions ?? [];

/** The arguments of an instruction of the image that is kept. */
export const inImage = (name: string): string[] =>
  image.filter(([instruction]) => instruction === name).map(([, rest]) => rest);

const env = Object.fromEntries(
  inImage('ENV')
    .flatMap((rest) => rest.split(/\s+/))
    .map((assignment) => [assignment.split('=')[0] ?? '', assignment.split('=').slice(1).join('=')]),
);

export const dockerfile = { stages, env };

/** How long a gateway with that configuration takes to stop at most, in ms, and the last records of its proxy. */
export const longestStopMs = ({ drainMs, stopTimeoutMs }: GatewaySettings): number =>
  drainMs + stopTimeoutMs + STOP_MS;

/** Every variable that the program reads, and Node's own. */
export const KNOWN_VARIABLES = [...VARIABLES.map(({ name }) => name), 'NODE_ENV'];
