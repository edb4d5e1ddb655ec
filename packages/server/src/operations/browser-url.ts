/** A DNS name in ASCII, or an IP address. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])$/;

/**
 * A URL that a browser may be sent to, or null. The parser silently drops tabs, line breaks and outer blanks, which the
 * sender did not mean. It also allows `;`, `,` and `*` in a host. No name has them, and they would have a meaning in
 * the policy that a page names the host in.
 */
export function browserUrl(text: string): URL | null {
  if (/[\s\p{Cc}]/u.test(text)) return null;
  const url = URL.parse(text);
  return url !== null && HOST.test(url.hostname) ? url : null;
}
