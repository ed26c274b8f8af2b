import { TokenParser, type TokenParserOptions, Tokenizer, TokenType } from '@streamparser/json';
import { markedNumber } from '../../records/long-numbers.js';

/** Remembers how the last number was written. */
class NumberTokenizer extends Tokenizer {
  number = '';

  protected override parseNumber(number: string): number {
    this.number = number;
    return super.parseNumber(number);
  }
}

/** The library's `JSONParser`, but with long numbers marked, as `parseMarked` does it. */
export class MarkingParser {
  readonly #tokenizer: NumberTokenizer;
  readonly #parser: TokenParser;

  constructor(options: TokenParserOptions, onValue: TokenParser['onValue']) {
    const tokenizer = new NumberTokenizer(options);
    const parser = new TokenParser(options);
    tokenizer.onToken = (token) =>
      parser.write(
        token.token === TokenType.NUMBER ? { ...token, value: markedNumber(tokenizer.number) } : token,
      );
    tokenizer.onEnd = () => {
      if (!parser.isEnded) parser.end();
    };
    parser.onError = (error) => tokenizer.error(error);
    parser.onEnd = () => {
      if (!tokenizer.isEnded) tokenizer.end();
    };
    parser.onValue = onValue;
    this.#tokenizer = tokenizer;
    this.#parser = parser;
  }

  get isEnded(): boolean {
    return this.#tokenizer.isEnded && this.#parser.isEnded;
  }

  write(chunk: Buffer): void {
    this.#tokenizer.write(chunk);
  }

  end(): void {
    this.#tokenizer.end();
  }
}
