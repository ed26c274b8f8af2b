import type { Dice } from './dice.js';

export const OPENINGS = [
  'Hi,',
  'Hello!',
  'Good morning.',
  'Hey there,',
  'Hi, quick question:',
  'Hello, I hope you can help.',
  '',
];
/** Before a second wish. */
export const CONNECTORS = ['One more thing:', 'And something else:', 'Also,', 'While you are at it:', '', ''];
export const CLOSINGS = [
  'Thanks!',
  'Thank you in advance.',
  'Cheers',
  '',
  '',
  '',
  'Looking forward to your answer.',
];

/** What a customer types: the wish with its slots filled, and now and then with a slip of the keyboard. */
export function utter(dice: Dice, wish: string, slots: Record<string, string>): string {
  const text = wish.replace(/\{(\w+)\}/g, (_, name: string) => slots[name] ?? '');
  return dice.chance(0.15) ? withTypo(dice, text) : text;
}

/** A text and what follows it, if anything does, with a full stop between them where none is. */
export function inOneText(text: string, next: string): string {
  if (next === '') return text;
  return `${text}${/[.?!]$/.test(text) ? '' : '.'} ${next}`;
}

/** Swaps two letters of a word; names, numbers and codes stay as they are. */
function withTypo(dice: Dice, text: string): string {
  const words = text.split(' ');
  const at = dice.between(0, words.length - 1);
  const word = words[at] ?? '';
  if (!/^[a-z]{5,}$/.test(word)) return text;
  words[at] = `${word[0]}${word[2]}${word[1]}${word.slice(3)}`;
  return words.join(' ');
}
