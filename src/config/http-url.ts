/** Whether the text is a whole URL that a request can be sent to. */
export const isHttpUrl = (text: string): boolean => /^https?:$/.test(URL.parse(text)?.protocol ?? '');

/** Whether the URL has a user or a password in it, which would be shown wherever it is: in errors, logs and job documents. */
export const hasLogin = (url: string): boolean => {
  const { username = '', password = '' } = URL.parse(url) ?? {};
  return username !== '' || password !== '';
};

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
