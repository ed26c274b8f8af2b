/** Whether the text is a whole URL that a request can be sent to. */
export const isHttpUrl = (text: string): boolean => /^https?:$/.test(URL.parse(text)?.protocol ?? '');
