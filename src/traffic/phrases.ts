import type { Dice } from './dice.js';

// How customers say what they want: `{…}` is filled in. Several words for everything, so that no keyword decides.

const OPENINGS = [
  'Hi',
  'Hello',
  'Good morning',
  'Hey there',
  'Hi, quick question',
  'Hello, I hope you can help',
  '',
];
const CLOSINGS = [
  'Thanks!',
  'Thank you in advance.',
  'Cheers',
  '',
  '',
  '',
  'Looking forward to your answer.',
];

export const WISHES = {
  track: [
    'where is my order {order}?',
    'order {order} still has not arrived, what is going on?',
    'any news about {order}? I have been waiting for days',
    'could you see when {order} gets here',
    'I would like to know how far {order} has come',
  ],
  returning: [
    'the {product} from {order} is {reason}, I want to send it back',
    'can I give back {order}? It is {reason}',
    'my {product} ({order}) turned out {reason}. How do I get rid of it?',
    'I do not want to keep order {order}, the {product} is {reason}',
  ],
  damaged: [
    'order {order} came broken, the {product} is torn',
    'what arrived with {order} is damaged and unusable',
    'the {product} in {order} was smashed when I opened the box',
    'I got {order} today and the {product} is cracked all over',
  ],
  cancelling: [
    'please stop order {order}, I changed my mind',
    'I ordered the wrong thing, can {order} be called off',
    'cancel {order} for me',
    'do not send {order} any more, I found it elsewhere',
  ],
  moving: [
    'I moved house. Can {order} go to {address} instead?',
    'order {order} should be delivered to {address}',
    'the address of {order} is wrong, it must be {address}',
    'could you send {order} to my office, {address}',
  ],
  buying: [
    'do you have a {product}?',
    'I am looking for a {product}, is it available',
    'is the {product} still to be had?',
    'can I get the {product} from you this week',
  ],
  voucher: [
    'I forgot my code {code} on order {order}',
    'can you still use {code} for {order}',
    'please take {code} off {order}',
    'order {order} should have had the discount {code}',
  ],
  invoice: [
    'I need the bill for {order}, please mail it to {email}',
    'could you send the invoice of order {order} to {email}',
    'my accountant wants a receipt for {order}, the address is {email}',
    'no invoice came with {order}. Send it to {email}?',
  ],
  human: [
    ['complaint', 'your driver was rude and shouted at me, I want to talk to somebody'],
    ['complaint', 'I am fed up with this, give me a real person'],
    ['complaint', 'the way your staff treated me is not acceptable'],
    ['fraud', 'somebody ordered with my account and it was not me'],
    ['fraud', 'there is a charge from you on my card that I never made'],
    ['business', 'we are a company and need 60 of your rucksacks with our logo'],
    ['business', 'I buy for a school, can we get an offer for 25 tents'],
    ['other', 'please connect me to a colleague of yours'],
  ],
} as const;

export const REASON_WORDS: Record<string, readonly string[]> = {
  wrong_item: ['not what I ordered', 'the wrong model', 'a different one from the picture'],
  too_small: ['too small', 'too tight', 'a size too short'],
  too_large: ['too big', 'far too large', 'too wide for me'],
  not_needed: ['not needed any more', 'a present I got twice', 'nothing I have use for'],
};

export const POLICY_QUESTIONS = [
  ['how long can I return things?', 'You can return a delivered order within 30 days of delivery.'],
  ['what if my parcel gets lost', 'If a parcel is lost, we refund the total of the order at once.'],
  [
    'can I use two vouchers at the same time?',
    'One voucher applies to each order, and only while it is open.',
  ],
  [
    'is it possible to change the address after shipping',
    'Once an order is shipped, its address cannot be changed any more.',
  ],
] as const;

/** Puts greetings around a wish and, now and then, a slip of the keyboard into it. */
export function utter(dice: Dice, wish: string, slots: Record<string, string> = {}): string {
  const filled = wish.replace(/\{(\w+)\}/g, (_, name: string) => slots[name] ?? '');
  const words = [dice.pick(OPENINGS), filled, dice.pick(CLOSINGS)].filter((part) => part !== '');
  return dice.chance(0.15) ? withTypo(dice, words.join('. ')) : words.join('. ');
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
