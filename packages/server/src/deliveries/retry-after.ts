import type { AnswerHead, Posted } from "../transport/transport.ts";
import { isSuccess } from "./outcome.ts";

/**
 * A time as HTTP writes it, `Sun, 06 Nov 1994 08:49:37 GMT`; the two obsolete forms are not parsed. Source:
 * https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
 */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/;

/**
 * How long an answer asks to wait before the next request, in milliseconds; null when it does not ask, or the value
 * cannot be parsed. The value is in seconds, or a date. A date is compared with the answer's own `Date`, so that a
 * wrong clock does not matter, or with `wallNow` (Unix milliseconds) where the answer has no `Date`. Pure. Source:
 * https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, wallNow: number): number | null {
  const said = headers["retry-after"]?.trim();
  if (said === undefined) return null;
  if (/^\d+$/.test(said)) return Math.min(Number(said) * 1_000, Number.MAX_SAFE_INTEGER);
  const until = httpDate(said);
  return until === null ? null : Math.max(0, until - (httpDate(headers.date ?? "") ?? wallNow));
}

/** How long a failed answer asks to wait, at most `longestMs`; null when it does not ask. Pure. */
export function grantedWaitMs(posted: Posted | AnswerHead, wallNow: number, longestMs: number): number | null {
  if (posted.kind !== "answer" || isSuccess(posted)) return null;
  const asked = retryAfterMs(posted.headers, wallNow);
  return asked === null ? null : Math.min(asked, longestMs);
}

function httpDate(text: string): number | null {
  const time = HTTP_DATE.test(text.trim()) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
