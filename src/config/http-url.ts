/** Whether the text is a whole URL that a request can be sent to. */
export const isHttpUrl = (text: string): boolean => /^https?:$/.test(URL.parse(text)?.protocol ?? '');

/**
 * What keeps a text from being the base URL of an API; null: nothing. User, password, ? and # would be sent or shown where
 * they do not belong.
 */
export function faultOfBaseUrl(text: string): 'address' | 'login' | 'query' | null {
  if (!isHttpUrl(text)) return 'address';
  const { username, password, search, hash } = new URL(text);
  if (username || password) return 'login';
  return search || hash ? 'query' : null;
}
