/** A name as DNS knows it, in ASCII, or an IP address. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])$/;

/**
 * A URL that a browser may be sent to, or null. The parser drops tabs and line breaks without a word, and blanks at the
 * ends: whoever sent them meant something else. It also lets `;`, `,` and `*` stand in a host, which no name has and
 * which would mean something in the policy that a page names the host in.
 */
export function browserUrl(text: string): URL | null {
  if (/[\s\p{Cc}]/u.test(text)) return null;
  const url = URL.parse(text);
  return url !== null && HOST.test(url.hostname) ? url : null;
}
