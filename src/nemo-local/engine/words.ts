import { remember } from './remember.js';

const STOP_WORDS = new Set(
  `a an and are as at be been by can could do does for from get had has have he her here his how i if in into is it its let
  me my no not of on or our please she so such that the their them then there these they this those to us was we were what
  when where which who will with would you your`.split(/\s+/),
);

/** Lower-case words of a text, singular where a plain `s` was added, digits and stop words left out. */
export const wordsOf = remember(4096, (text: string): readonly string[] => {
  const words = text.toLowerCase().match(/\p{L}[\p{L}\d]*/gu) ?? [];
  return words.filter((word) => word.length > 1 && !STOP_WORDS.has(word)).map(singular);
});

/** Words of an identifier: `reservationIds` and `reservation_ids` are both [`reservation`, `id`]. */
export const wordsOfName = remember(4096, (name: string): readonly string[] => {
  const spaced = name.replace(/([a-z\d])([A-Z])/g, '$1 $2').replace(/[^\p{L}\d]+/gu, ' ');
  return (spaced.toLowerCase().match(/\S+/g) ?? []).map(singular);
});

/** Words and numbers as a judge compares them: lower case, punctuation left out. */
export function tokensOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\d]+(?:[._@-][\p{L}\d]+)*/gu) ?? [];
}

function singular(word: string): string {
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}
