/** Whether the text is a whole URL that a request can be sent to. */
export const isHttpUrl = (text: string): boolean => /^https?:$/.test(URL.parse(text)?.protocol ?? '');

/** Whether the URL has a user or a password in it, which would be shown wherever it is: in errors, logs and job documents. */
export const hasLogin = (url: string): boolean => {
  const { username = '', password = '' } = URL.parse(url) ?? {};
  return username !== '' || password !== '';
};

/** What is wrong with a URL that has a login; `cure` says what to do instead. */
export const loginProblem = (at: string, cure: string): string =>
  `${at}: Input should be a URL without user and password, which errors and job documents would show: ${cure}`;

/**
 * What keeps a text from being the base URL of an API; null: nothing. User, password, ? and # would be sent or shown where
 * they do not belong.
 */
export function faultOfBaseUrl(text: string): 'address' | 'login' | 'query' | null {
  if (!isHttpUrl(text)) return 'address';
  if (hasLogin(text)) return 'login';
  const { search, hash } = new URL(text);
  return search || hash ? 'query' : null;
}
