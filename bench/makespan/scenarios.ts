/** What runs at once, on how many GPUs. Trainings of a model named `slow-training` take 15 s more. */
export interface Scenario {
  name: string;
  gpus: number;
  /** GPUs of a judge that is deployed; null: it is remote. */
  judgeGpus: number | null;
  /** Each is tried by every run; a deployment and a training take one GPU each. */
  candidates: string[];
  runs: number;
}

const six = (name: (number: number) => string) =>
  [1, 2, 3, 4, 5, 6].map((number) => `stand-in/${name(number)}-1b`);
const EQUAL = six((number) => `tiny-${number}`);
const UNEQUAL = six((number) => `${number % 2 ? 'tiny' : 'slow-training'}-${number}`);

export const SCENARIOS: Scenario[] = [
  { name: '6 candidates, remote judge', gpus: 6, judgeGpus: null, candidates: EQUAL, runs: 1 },
  { name: '6 candidates, judge of 4', gpus: 6, judgeGpus: 4, candidates: EQUAL, runs: 1 },
  {
    name: '6 candidates, unequal trainings, remote judge',
    gpus: 6,
    judgeGpus: null,
    candidates: UNEQUAL,
    runs: 1,
  },
  {
    name: '3 runs of 2 candidates, remote judge',
    gpus: 6,
    judgeGpus: null,
    candidates: EQUAL.slice(0, 2),
    runs: 3,
  },
  {
    name: '3 runs of 2 candidates, judge of 4',
    gpus: 12,
    judgeGpus: 4,
    candidates: EQUAL.slice(0, 2),
    runs: 3,
  },
];
