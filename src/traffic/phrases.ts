/** What customers say when they are asked. */
export const REPLIES = {
  number: ['it is {order}', 'number {order}', '{order} is on the mail', '{order}', 'that must be {order}'],
  email: ['I only have my mail, {email}', 'my address is {email}', '{email}', 'it must be {email}'],
  address: ['my address is {email}', '{email}', 'yes please, to {email}', 'you can reach me as {email}'],
  yes: [
    'Yes, please',
    'go ahead',
    'that would be great',
    'sure, do that',
    'OK, please do',
    'Yes, that is fine',
  ],
  no: ['No, leave it', 'hm, then rather not', 'no thanks', 'OK, I have to think about it'],
  money: ['the money back, please', 'just pay me back', 'I would rather have the refund', 'money is fine'],
  goods: [
    'please send it again',
    'another one, please',
    'I would rather have a new one',
    'the same once more',
  ],
} as const;

/** How customers add whose order it is. */
export const SIGNED = ['I ordered as {email}', 'My account is {email}', 'You know me as {email}'];

export const REASON_WORDS: Record<string, readonly string[]> = {
  wrong_item: ['not what I wanted', 'the wrong model', 'not the one from the picture'],
  too_small: ['too small', 'smaller than I thought', 'a size too small'],
  too_large: ['too big', 'far too large', 'bigger than I thought'],
  not_needed: ['not needed any more', 'a present I got twice', 'nothing I have use for'],
};

/** What a colleague has to deal with, by topic. */
export const HUMAN_MATTERS = [
  ['complaint', 'your driver was rude and shouted, I want to talk to somebody'],
  ['complaint', 'I am fed up with this, is there no real person'],
  ['complaint', 'the way your staff treats people is not acceptable'],
  ['fraud', 'somebody ordered with my account and it was not me'],
  ['fraud', 'there is a charge from you on my card that I never made'],
  ['business', 'we are a company and need 60 of your rucksacks with our logo'],
  ['business', 'I buy for a school, can we get an offer for 25 tents'],
  ['other', 'please put me through to a colleague of yours'],
] as const;

export const POLICY_QUESTIONS = [
  ['how long can I return things?', 'You can return a delivered order within 30 days of delivery.'],
  [
    'what if my parcel gets lost',
    'If a parcel is lost, you get your money back, or the same product once more.',
  ],
  [
    'can I use two vouchers at the same time?',
    'One voucher applies to each order, and only until it is shipped.',
  ],
  [
    'is it possible to change the address after shipping',
    'Once an order is shipped, its address cannot be changed any more.',
  ],
] as const;
