/** A DNS name in ASCII, or an IP address. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])$/;

/**
 * A URL that a browser may be sent to, or null. The parser silently drops tabs, line breaks and outer blanks, which
 * would change the URL that was sent. It also allows `;`, `,` and `*` in a host. Names never contain these, and they
 * have a special meaning in the content security policy that contains the host.
 */
export function browserUrl(text: string): URL | null {
  if (/[\s\p{Cc}]/u.test(text)) return null;
  const url = URL.parse(text);
  return url !== null && HOST.test(url.hostname) ? url : null;
}
