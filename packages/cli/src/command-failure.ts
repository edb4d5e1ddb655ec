import { EXIT_CODES, type ExitCode } from "./exit-codes.ts";

/** A server's refusal. */
export interface Refusal {
  status: number;
  type: string | null;
  code: string | null;
  param: string | null;
  /** The id of the request. */
  request: string | null;
}

/** A command's failure, worded for people. Any other error is a bug. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  /** Facts that help to find the cause, one per line. */
  readonly details: readonly string[];
  /** What to do about it. */
  readonly advice: string | null;
  readonly exitCode: ExitCode;
  /** The server's refusal, if it refused. */
  readonly refusal: Refusal | null;

  constructor(
    message: string,
    more: { details?: readonly string[]; advice?: string; exitCode?: ExitCode; refusal?: Refusal; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.details = more.details ?? [];
    this.advice = more.advice ?? null;
    this.refusal = more.refusal ?? null;
    this.exitCode = more.exitCode ?? EXIT_CODES.error;
  }
}
