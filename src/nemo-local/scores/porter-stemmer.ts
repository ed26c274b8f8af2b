/**
 * Porter's stemmer with the extensions of NLTK, whose stems the ROUGE reference implementation counts: words that share
 * a stem are the same word to it.
 */
export function stem(word: string): string {
  const irregular = IRREGULAR.get(word);
  if (irregular !== undefined) return irregular;
  if (word.length <= 2) return word;
  return [plural, pastOrProgressive, finalY, step2, step3, step4, finalE, doubleL].reduce(
    (text, step) => step(text),
    word,
  );
}

const IRREGULAR = new Map([
  ['skies', 'sky'],
  ['sky', 'sky'],
  ['dying', 'die'],
  ['lying', 'lie'],
  ['tying', 'tie'],
  ['news', 'news'],
  ['innings', 'inning'],
  ['inning', 'inning'],
  ['outings', 'outing'],
  ['outing', 'outing'],
  ['cannings', 'canning'],
  ['canning', 'canning'],
  ['howe', 'howe'],
  ['proceed', 'proceed'],
  ['exceed', 'exceed'],
  ['succeed', 'succeed'],
]);

/** One letter each: `c` for a consonant, `v` for a vowel; a `y` is a vowel after a consonant. */
function shapeOf(text: string): string {
  let shape = '';
  for (const letter of text) {
    if ('aeiou'.includes(letter)) shape += 'v';
    else if (letter === 'y') shape += shape.endsWith('c') ? 'v' : 'c';
    else shape += 'c';
  }
  return shape;
}

/** How often a vowel is followed by a consonant: Porter's count of syllables. */
const measure = (text: string): number => shapeOf(text).split('vc').length - 1;

/** Ends like `hop` or, being two letters, like `at`: then a silent e belongs to it. */
const endsShort = (text: string): boolean =>
  (/cvc$/.test(shapeOf(text)) && !/[wxy]$/.test(text)) || shapeOf(text) === 'vc';

type Rule = readonly [suffix: string, replacement: string];

/** Applies the first rule whose suffix fits, if what stands before it satisfies the condition. */
function replaceSuffix(word: string, rules: readonly Rule[], allows: (before: string) => boolean): string {
  const rule = rules.find(([suffix]) => word.endsWith(suffix));
  if (!rule) return word;
  const before = word.slice(0, word.length - rule[0].length);
  return allows(before) ? before + rule[1] : word;
}

function plural(word: string): string {
  if (/^.ies$/.test(word)) return word.slice(0, -1);
  return replaceSuffix(
    word,
    [
      ['sses', 'ss'],
      ['ies', 'i'],
      ['ss', 'ss'],
      ['s', ''],
    ],
    () => true,
  );
}

function pastOrProgressive(word: string): string {
  if (word.endsWith('ied')) return word.slice(0, word.length === 4 ? -1 : -2);
  if (word.endsWith('eed')) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
  const [, before] = /^(.*)(?:ed|ing)$/.exec(word) ?? [];
  if (before === undefined || !shapeOf(before).includes('v')) return word;
  if (/(?:at|bl|iz)$/.test(before)) return `${before}e`;
  if (/(.)\1$/.test(before) && shapeOf(before).endsWith('c')) {
    return /[lsz]$/.test(before) ? before : before.slice(0, -1);
  }
  return measure(before) === 1 && endsShort(before) ? `${before}e` : before;
}

const finalY = (word: string): string =>
  replaceSuffix(word, [['y', 'i']], (before) => before.length > 1 && shapeOf(before).endsWith('c'));

const STEP_2: readonly Rule[] = [
  ['ational', 'ate'],
  ['tional', 'tion'],
  ['enci', 'ence'],
  ['anci', 'ance'],
  ['izer', 'ize'],
  ['bli', 'ble'],
  ['alli', 'al'],
  ['entli', 'ent'],
  ['eli', 'e'],
  ['ousli', 'ous'],
  ['ization', 'ize'],
  ['ation', 'ate'],
  ['ator', 'ate'],
  ['alism', 'al'],
  ['iveness', 'ive'],
  ['fulness', 'ful'],
  ['ousness', 'ous'],
  ['aliti', 'al'],
  ['iviti', 'ive'],
  ['biliti', 'ble'],
  ['fulli', 'ful'],
];

function step2(word: string): string {
  if (word.endsWith('alli') && measure(word.slice(0, -4)) > 0) return step2(word.slice(0, -2));
  // Here the l counts as part of what stands before the suffix.
  if (word.endsWith('logi')) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
  return replaceSuffix(word, STEP_2, (before) => measure(before) > 0);
}

const STEP_3: readonly Rule[] = [
  ['icate', 'ic'],
  ['ative', ''],
  ['alize', 'al'],
  ['iciti', 'ic'],
  ['ical', 'ic'],
  ['ful', ''],
  ['ness', ''],
];

const step3 = (word: string): string => replaceSuffix(word, STEP_3, (before) => measure(before) > 0);

const STEP_4 = 'al ance ence er ic able ible ant ement ment ent ion ou ism ate iti ous ive ize'.split(' ');

function step4(word: string): string {
  const suffix = STEP_4.find((ending) => word.endsWith(ending));
  if (suffix === undefined) return word;
  const before = word.slice(0, word.length - suffix.length);
  const drops = measure(before) > 1 && (suffix !== 'ion' || /[st]$/.test(before));
  return drops ? before : word;
}

const finalE = (word: string): string =>
  replaceSuffix(
    word,
    [['e', '']],
    (before) => measure(before) > 1 || (measure(before) === 1 && !endsShort(before)),
  );

const doubleL = (word: string): string =>
  word.endsWith('ll') && measure(word.slice(0, -1)) > 1 ? word.slice(0, -1) : word;
