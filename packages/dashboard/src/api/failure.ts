/** The body of a refusal, as Stripe's. */
interface Refusal {
  type?: string;
  code?: string;
  param?: string;
  message?: string;
}

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

  /** What was asked for is not there: it never was, was deleted, or belongs to another mode or account. */
  get isMissing(): boolean {
    return this.status === 404;
  }
}

/** No answer came: the server has stopped, or the network is down. */
export class Unreachable extends Error {
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options);
  }
}
