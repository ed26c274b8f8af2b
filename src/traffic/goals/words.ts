import { HUMAN_MATTERS, POLICY_QUESTIONS } from '../phrases.js';
import type { Visit } from '../visit.js';

export function human(visit: Visit): void {
  const [topic, words] = visit.dice.pick(HUMAN_MATTERS);
  visit.wishes([words]);
  visit.handsOver(topic, 'A colleague of mine takes over and will be with you in a moment.');
}

export function question(visit: Visit): void {
  const [words, answer] = visit.dice.pick(POLICY_QUESTIONS);
  visit.wishes([words]);
  visit.talk.say(answer);
}
