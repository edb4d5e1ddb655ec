/** The parts of a request's head. */
export interface RequestLine {
  /** Path and query, in the form that `URL` produces. */
  path: string;
  /** The host, with the port unless it is the scheme's default. */
  host: string;
}

/** A field's name. Source: https://www.rfc-editor.org/rfc/rfc9110#section-5.1 */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * A field's value: no control characters, and nothing beyond Latin-1. Source:
 * https://www.rfc-editor.org/rfc/rfc9110#section-5.5
 */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** A path and a host: visible ASCII. */
const VISIBLE = /^[\x21-\x7e]+$/;

/** Fields that this module writes itself. */
const FRAMING: ReadonlySet<string> = new Set(["host", "connection", "content-length", "transfer-encoding", "expect", "upgrade", "trailer"]);

/**
 * The head of a POST over HTTP/1.1, with the empty line at its end. Throws a TypeError that names the field if a header
 * cannot be sent unchanged, or would change where the request ends.
 */
export function requestHead({ path, host }: RequestLine, headers: Readonly<Record<string, string>>, bodyBytes: number): string {
  if (!VISIBLE.test(path) || !VISIBLE.test(host)) throw new TypeError("A path or a host that cannot be sent.");
  let head = `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
  for (const name in headers) {
    const value = headers[name] as string;
    if (!TOKEN.test(name) || FRAMING.has(name.toLowerCase())) throw new TypeError(`A header that cannot be sent: ${JSON.stringify(name)}.`);
    if (!VALUE.test(value)) throw new TypeError(`The header ${name} has a value that cannot be sent.`);
    head += `${name}: ${value}\r\n`;
  }
  return `${head}content-length: ${bodyBytes}\r\n\r\n`;
}
