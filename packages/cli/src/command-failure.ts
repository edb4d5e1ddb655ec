import { EXIT_CODES, type ExitCode } from "./exit-codes.ts";

/** What a person reads when a command cannot do what it was asked. Anything else that is thrown is a bug. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  /** Facts that help to find the cause, one a line. */
  readonly details: readonly string[];
  /** What to do about it. */
  readonly advice: string | null;
  readonly exitCode: ExitCode;

  constructor(message: string, more: { details?: readonly string[]; advice?: string; exitCode?: ExitCode; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.details = more.details ?? [];
    this.advice = more.advice ?? null;
    this.exitCode = more.exitCode ?? EXIT_CODES.error;
  }
}
