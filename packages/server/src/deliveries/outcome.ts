import type { AnswerHead, FaultCode, Posted } from "../transport/transport.ts";

const { STATUS_CODES } = process.getBuiltinModule("node:http");

/** How an attempt ended. A value, never an exception. */
export interface Outcome {
  code: "succeeded" | "redirect" | "status" | FaultCode;
  /** Null when no answer came. */
  status: number | null;
  /** The outcome in plain words, for the person who reads the attempt. */
  reason: string;
}

/** Only 2xx counts as success. Source: https://docs.stripe.com/webhooks#acknowledge-events-immediately */
export function isSuccess(posted: Posted | AnswerHead): boolean {
  return posted.kind === "answer" && posted.status >= 200 && posted.status < 300;
}

/** The outcome of an attempt. Pure. */
export function outcomeOf(posted: Posted): Outcome {
  if (posted.kind === "fault") return { code: posted.code, status: null, reason: posted.reason };
  const { status } = posted;
  const name = STATUS_CODES[status];
  const answered = name === undefined ? `${status}` : `${status} ${name}`;
  if (isSuccess(posted)) return { code: "succeeded", status, reason: `The endpoint answered ${answered}.` };
  if (status >= 300 && status < 400)
    return {
      code: "redirect",
      status,
      reason: `The endpoint answered ${answered}. Redirects are not followed: register the address it points to.`,
    };
  return { code: "status", status, reason: `The endpoint answered ${answered}. Only an answer from 200 to 299 counts as received.` };
}
