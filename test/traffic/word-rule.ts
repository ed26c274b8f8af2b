/** A call as a rule on words sees it: the words of the message that it answers, and the tool that was called. */
export interface WordedCall {
  tool: string;
  words: ReadonlySet<string>;
}

/** One word for each tool; the first one that stands in the message names the tool, and `otherwise` where none does. */
export interface WordRule {
  entries: { word: string; tool: string }[];
  otherwise: string;
  /** Calls that it gets right. */
  right: number;
}

/** Learns greedily the rule that gets most of these very calls right, with any tool as the one for the rest. */
export function learnWordRule(calls: readonly WordedCall[]): WordRule {
  const tools = [...new Set(calls.map(({ tool }) => tool))];
  return best(tools.map((otherwise) => grow(calls, tools, otherwise)));
}

/** Adds entries while that helps. */
function grow(calls: readonly WordedCall[], tools: readonly string[], otherwise: string): WordRule {
  const right = calls.filter(({ tool }) => tool === otherwise).length;
  let rule: WordRule = { entries: [], otherwise, right };
  for (;;) {
    const free = tools.filter((tool) => rule.entries.every((entry) => entry.tool !== tool));
    const next = insert(calls, rule, free);
    if (next.right <= rule.right) return rule;
    rule = next;
  }
}

/** The rule with the one entry, at the one place, that gets most calls right. */
function insert(calls: readonly WordedCall[], rule: WordRule, tools: readonly string[]): WordRule {
  const places = Array.from({ length: rule.entries.length + 1 }, (_, place) => place);
  return best(places.map((place) => insertAt(place, calls, rule, tools)));
}

function insertAt(
  place: number,
  calls: readonly WordedCall[],
  rule: WordRule,
  tools: readonly string[],
): WordRule {
  const [head, tail] = [rule.entries.slice(0, place), rule.entries.slice(place)];
  // Of the calls that reach the place: how many the tail gets right, and for each word how many of them, and of each tool.
  let right = 0;
  const tallies = new Map<string, { right: number; of: Map<string, number> }>();
  for (const { tool, words } of calls) {
    const before = head.find(({ word }) => words.has(word));
    if (before) {
      if (before.tool === tool) right++;
      continue;
    }
    const after = tail.find(({ word }) => words.has(word))?.tool ?? rule.otherwise;
    if (after === tool) right++;
    for (const word of words) {
      const tally = tallies.get(word) ?? { right: 0, of: new Map<string, number>() };
      tallies.set(word, tally);
      if (after === tool) tally.right++;
      tally.of.set(tool, (tally.of.get(tool) ?? 0) + 1);
    }
  }
  let found: WordRule = { ...rule, right: -1 };
  for (const [word, tally] of tallies) {
    for (const tool of tools) {
      const gained = right - tally.right + (tally.of.get(tool) ?? 0);
      if (gained > found.right)
        found = { ...rule, entries: [...head, { word, tool }, ...tail], right: gained };
    }
  }
  return found;
}

const best = (rules: readonly WordRule[]): WordRule =>
  rules.reduce((a, b) => (b.right > a.right ? b : a), { entries: [], otherwise: '', right: -1 });
