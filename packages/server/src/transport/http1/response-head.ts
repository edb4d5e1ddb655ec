/** The head of an answer: its status line and its header fields. */
export interface ResponseHead {
  /** From 100 to 999. */
  status: number;
  /** 0 for HTTP/1.0; otherwise the minor version of HTTP/1. */
  minorVersion: number;
  /** Names are in lower case, values in Latin-1. Repeated fields are joined with a comma. */
  headers: Readonly<Record<string, string>>;
}

/** How the body of an answer is delimited. */
export type Framing = { kind: "none" } | { kind: "length"; bytes: number } | { kind: "chunked" } | { kind: "until_close" };

/**
 * A status line. Statuses beyond 599 are answers too: a client treats them as failures of the server.
 * Sources: https://www.rfc-editor.org/rfc/rfc9112#section-4, https://www.rfc-editor.org/rfc/rfc9110#section-15
 */
const STATUS_LINE = /^HTTP\/1\.([0-9]) ([1-9][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?$/;

/** A field's name. Source: https://www.rfc-editor.org/rfc/rfc9110#section-5.1 */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What a field's value must not contain. Source: https://www.rfc-editor.org/rfc/rfc9110#section-5.5 */
const CONTROL_CHARACTER = /[^\t\x20-\x7e\x80-\xff]/;

/** With more digits, a number cannot represent the length exactly. */
const LENGTH_DIGITS = /^[0-9]{1,15}$/;

/** Whether `line` is a status line of HTTP/1. */
export function isStatusLine(line: string): boolean {
  return STATUS_LINE.test(line);
}

/**
 * Reads a head: all its lines as Latin-1, without the empty one at the end. Returns null when it is not a valid head of
 * HTTP/1. Strict: each line ends with CR LF and does not continue the one before; white space must not follow a name.
 * Source: https://www.rfc-editor.org/rfc/rfc9112
 */
export function parseResponseHead(text: string): ResponseHead | null {
  const lines = text.split("\r\n");
  const start = STATUS_LINE.exec(lines[0] ?? "");
  if (start === null) return null;
  // Without a prototype, no name that a receiver chooses means anything.
  const headers: Record<string, string> = Object.create(null);
  for (let n = 1; n < lines.length; n++) {
    const line = lines[n] as string;
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    if (colon < 1 || !TOKEN.test(name)) return null;
    const value = withoutOuterBlanks(line, colon + 1);
    if (CONTROL_CHARACTER.test(value)) return null;
    const before = headers[name];
    // A repeated length, even if it is the same, makes the receiver untrustworthy.
    if (before !== undefined && name === "content-length") return null;
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return { status: Number(start[2]), minorVersion: Number(start[1]), headers };
}

/**
 * How the body of this answer to a POST is delimited, or null when it contradicts itself.
 * Source: https://www.rfc-editor.org/rfc/rfc9112#section-6.3
 */
export function framingOf({ status, headers }: ResponseHead): Framing | null {
  const coding = headers["transfer-encoding"];
  const length = headers["content-length"];
  if (coding !== undefined && length !== undefined) return null;
  if (length !== undefined && !LENGTH_DIGITS.test(length)) return null;
  if (status < 200 || status === 204 || status === 304) return { kind: "none" };
  if (coding !== undefined) return framingOfCodings(coding);
  if (length === undefined) return { kind: "until_close" };
  const bytes = Number(length);
  return bytes === 0 ? { kind: "none" } : { kind: "length", bytes };
}

/** Only the last coding delimits the body, and it can be `chunked` only once. */
function framingOfCodings(text: string): Framing | null {
  const codings = text
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim());
  const last = codings.pop();
  if (codings.includes("chunked")) return null;
  return last === "chunked" ? { kind: "chunked" } : { kind: "until_close" };
}

/**
 * Whether the connection can be used again once this answer has been read to its end.
 * Source: https://www.rfc-editor.org/rfc/rfc9112#section-9.3
 */
export function keepsConnection({ status, minorVersion, headers }: ResponseHead, framing: Framing): boolean {
  if (framing.kind === "until_close") return false;
  // A receiver that announces a body for an answer that must not have one may send it anyway.
  if ((status === 204 || status === 304) && (headers["transfer-encoding"] !== undefined || !/^0*$/.test(headers["content-length"] ?? "")))
    return false;
  const options = (headers.connection ?? "")
    .toLowerCase()
    .split(",")
    .map((option) => option.trim());
  if (options.includes("close")) return false;
  if (minorVersion === 0) return options.includes("keep-alive") && framing.kind !== "chunked";
  return true;
}

/**
 * How long the receiver keeps an idle connection, in milliseconds, if it says so.
 * Source: https://www.rfc-editor.org/rfc/rfc2068#section-19.7.1.1
 */
export function keepAliveMs({ headers }: ResponseHead): number | null {
  const seconds = /(?:^|[,\s])timeout=([0-9]{1,6})(?:[,\s]|$)/i.exec(headers["keep-alive"] ?? "")?.[1];
  return seconds === undefined ? null : Number(seconds) * 1_000;
}

/** The rest of a line from `from` on, without blanks around it. It takes the same time for any content of the line. */
function withoutOuterBlanks(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isBlank(line.charCodeAt(start))) start++;
  while (end > start && isBlank(line.charCodeAt(end - 1))) end--;
  return line.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
