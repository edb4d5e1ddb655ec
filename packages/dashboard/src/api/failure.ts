/** The body of a refusal, in Stripe's form. */
interface Refusal {
  type?: string;
  code?: string;
  param?: string;
  message?: string;
}

/**
 * The code of a refusal, with status 403, about an account that does not exist or is not connected. It does not say
 * which.
 */
export const ACCOUNT_OUT_OF_REACH = "account_invalid";

/** The server answered, and refused. */
export class ApiFailure extends Error {
  readonly status: number;
  readonly code: string | null;
  readonly param: string | null;
  readonly requestId: string | null;

  constructor(status: number, { message, code, param }: Refusal, requestId: string | null) {
    super(message ?? `The server answered ${status}.`);
    this.status = status;
    this.code = code ?? null;
    this.param = param ?? null;
    this.requestId = requestId;
  }

  /** The same refusal, with a different sentence. */
  adding(sentence: string): ApiFailure {
    const { code, param, message } = this;
    return new ApiFailure(
      this.status,
      { message: `${message} ${sentence}`, ...(code === null ? {} : { code }), ...(param === null ? {} : { param }) },
      this.requestId,
    );
  }

  /** The requested object does not exist: it never did, was deleted, or belongs to another mode or account. */
  get isMissing(): boolean {
    return this.status === 404 || this.code === ACCOUNT_OUT_OF_REACH;
  }

  /** The key of the session, or its mode, does not allow it. Repeating the call changes nothing. */
  get isForbidden(): boolean {
    return this.status === 403 && !this.isMissing;
  }

  /** Only operators may ask for it, whatever key a platform has. */
  get isForOperators(): boolean {
    return this.code === "operator_session_required";
  }

  /**
   * The request is not possible: a filter in the address has an unknown value. Repeating the call changes nothing.
   */
  get isWrong(): boolean {
    return this.status === 400;
  }
}

/**
 * No complete answer came from the server: it has stopped, the network is down, or something else answered.
 */
export class Unreachable extends Error {
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options);
  }
}

/** Whether a call may succeed when it is repeated, because nothing was wrong with the call itself. */
export const isPassing = (error: Error | null): error is ApiFailure | Unreachable =>
  error instanceof Unreachable || (error instanceof ApiFailure && (error.status >= 500 || error.status === 429));
