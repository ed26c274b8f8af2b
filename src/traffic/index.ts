import { broken } from './broken.js';
import { Conversation } from './conversation.js';
import { Dice } from './dice.js';
import { FURTHER_GOALS, GOALS, type Goal } from './goals/index.js';
import { Visit } from './visit.js';

export interface TrafficOptions {
  seed: number;
  conversations: number;
}

/** What `flywheel demo` shows, and `flywheel simulate` writes unless told otherwise. */
export const DEMO_CONVERSATIONS = 320;

/** Monday morning; conversations follow one another. */
const FIRST_SECOND = 1_767_600_000;
const SECONDS_APART = 240;
const ANOTHER_GOAL = 0.66;
const MOST_TURNS = 12;
/** Share of records that are followed by a faulty copy. */
const FAULTY = 0.02;

/**
 * The logs of a shop's service agent, in the log format: conversations with state, paraphrase, refusals of tools and
 * plain answers, and some records that cannot be used. The same seed gives the same logs.
 */
export function* simulateTraffic({ seed, conversations }: TrafficOptions): Iterable<unknown> {
  const dice = new Dice(seed);
  for (let i = 0; i < conversations; i++) {
    const talk = converse(dice, `s${seed}-${i}`, FIRST_SECOND + i * SECONDS_APART);
    for (const record of talk.records) {
      yield record;
      if (dice.chance(FAULTY)) yield broken(record, dice);
    }
  }
}

/** One customer with one wish or more, no wish twice, who may say thanks; begun anew when it gets too long. */
function converse(dice: Dice, session: string, startedAt: number): Conversation {
  const talk = new Conversation(session, startedAt);
  const visit = new Visit(dice, talk);
  const done = new Set<Goal>();
  do {
    const { state } = visit;
    const goal = dice.pick(state && dice.chance(0.9) ? FURTHER_GOALS[state] : GOALS);
    if (done.has(goal)) continue;
    done.add(goal);
    goal(visit);
  } while (!visit.isOver && dice.chance(ANOTHER_GOAL));
  if (talk.turns > MOST_TURNS) return converse(dice, session, startedAt);
  if (talk.turns <= MOST_TURNS - 2 && dice.chance(0.4)) {
    talk.user(dice.pick(['Great, thanks a lot!', 'Perfect, bye', 'OK, thank you.', 'Fine, that was all']));
    talk.say(
      dice.pick(['You are welcome. Have a nice day!', 'My pleasure, goodbye!', 'Gladly. Until next time!']),
    );
  }
  return talk;
}
