import { InvalidArgumentError } from 'commander';
import { faultOfBaseUrl, hasLogin, isHttpUrl } from '../config/http-url.js';

const reader =
  (what: string, fits: (value: number) => boolean) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && fits(value)) return value;
    throw new InvalidArgumentError(`It must be ${what}.`);
  };

/** An address of a gateway. */
export function httpUrl(text: string): string {
  if (!isHttpUrl(text)) throw new InvalidArgumentError('It must be an address like http://127.0.0.1:8000.');
  if (hasLogin(text))
    throw new InvalidArgumentError(
      'It must hold no name and no password: the key is that of FLYWHEEL_API_KEY.',
    );
  return text;
}

const BASE_URL = {
  address: 'It must be an address like http://127.0.0.1:11434/v1.',
  login: 'It must hold no name and no password: a key comes from the environment.',
  query: 'It must end with its path, without ? and #.',
};

/** The base URL of another server's API. */
export function baseUrl(text: string): string {
  const fault = faultOfBaseUrl(text);
  if (fault !== null) throw new InvalidArgumentError(BASE_URL[fault]);
  return text;
}

/** What options take that are numbers; anything else is wrong use and says so. */
export const wholeNumber = reader(
  'a whole number from 0',
  (value) => Number.isSafeInteger(value) && value >= 0,
);
export const port = reader(
  'a port: a number from 0 (any free one) to 65535',
  (value) => Number.isInteger(value) && value >= 0 && value <= 65_535,
);
export const number = reader('a number from 0', (value) => Number.isFinite(value) && value >= 0);
