import { StringDecoder } from "node:string_decoder";
import type { Agent, Dispatcher } from "undici";
import type { Limits } from "../limits.ts";
import { type AddressRules, checkUrl } from "./address-guard.ts";
import { ADDRESS_NOT_PUBLIC, CONNECTION_CLOSED, type Fault, faultOfError, INTERRUPTED, STOPPED } from "./fault-of-error.ts";
import type { HttpAgentOptions } from "./http-agent.ts";
import type { OutgoingRequest, Posted, Transport } from "./transport.ts";

export interface HttpTransportOptions extends HttpAgentOptions {
  limits: HttpAgentOptions["limits"] & Pick<Limits, "responseKeptBytes" | "responseReadBytes">;
}

/** 1xx answers before the real one; whoever sends more does not mean it. */
const INFORMATIONAL_ANSWERS = 16;

/** URLs remembered in their parsed form. */
const PARSED_URLS = 4_096;

/** The longest delay that `setTimeout` takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Posts over HTTP/1.1 with connections kept alive, to public addresses and those that the rules allow. Redirects are
 * not followed, nothing is decompressed, and nothing is sent twice: a POST whose connection fails is a fault.
 *
 * The head of an answer is what counts: when it has arrived in full, whatever happens to the body (too long, too slow,
 * cut off) makes the answer `truncated` and nothing worse.
 */
export function createHttpTransport(options: HttpTransportOptions): Transport {
  const { limits } = options;
  let agent: Agent | null = null;
  let opening: Promise<Agent> | null = null;
  let closed = false;

  /** With the first request: who has nothing to send need not load an HTTP client. */
  async function open(): Promise<Agent> {
    const { createHttpAgent } = await import("./http-agent.ts");
    agent = createHttpAgent(options);
    return agent;
  }

  const targets = new Map<string, Target>();
  function targetOf(url: string): Target {
    const known = targets.get(url);
    if (known !== undefined) return known;
    const target = parseTarget(url, options);
    if (targets.size >= PARSED_URLS) targets.clear();
    targets.set(url, target);
    return target;
  }

  return {
    post(request) {
      const target = targetOf(request.url);
      if (target.fault !== null) return Promise.resolve({ kind: "fault", ...target.fault, durationMs: 0 });
      if (agent !== null) return exchange(agent, target, request);
      if (closed) return Promise.resolve({ kind: "fault", ...STOPPED, durationMs: 0 });
      opening ??= open();
      return opening.then((opened) => exchange(opened, target, request));
    },
    async close() {
      closed = true;
      await (await opening)?.destroy(Object.assign(new Error("The transport was closed."), { code: INTERRUPTED }));
    },
  };

  function exchange(by: Agent, { origin, path }: Reachable, request: OutgoingRequest): Promise<Posted> {
    return new Promise((resolve, reject) => {
      by.dispatch(
        { origin, path, method: "POST", headers: request.headers as Record<string, string>, body: request.body },
        new Exchange(request, limits, resolve, reject),
      );
    });
  }
}

type Reachable = { origin: string; path: string; fault: null };
type Target = Reachable | { fault: Fault };

function parseTarget(text: string, rules: AddressRules): Target {
  const { problem, url } = checkUrl(text, rules);
  if (problem === null) return { origin: url.origin, path: url.pathname + url.search, fault: null };
  if (problem === "address_not_public" || problem === "name_not_public") return { fault: ADDRESS_NOT_PUBLIC };
  return { fault: { code: "invalid_url", reason: "The endpoint's URL is not one that can be delivered to." } };
}

/** One request and what comes back. It ends once, in `settle`; what undici tells after that is not heard. */
class Exchange implements Dispatcher.DispatchHandler {
  private readonly limits: HttpTransportOptions["limits"];
  private readonly resolve: (posted: Posted) => void;
  private readonly reject: (error: Error) => void;
  private readonly deadlineMs: number;
  private readonly beganAt: number;
  private readonly timer: NodeJS.Timeout;
  private controller: Dispatcher.DispatchController | null = null;
  private ended = false;
  private informational = 0;
  /** 0 until the head of the answer is there. */
  private status = 0;
  private headers: Readonly<Record<string, string>> = {};
  private chunks: Buffer[] = [];
  private received = 0;

  constructor(
    request: OutgoingRequest,
    limits: HttpTransportOptions["limits"],
    resolve: (posted: Posted) => void,
    reject: (error: Error) => void,
  ) {
    this.limits = limits;
    this.resolve = resolve;
    this.reject = reject;
    this.deadlineMs = request.deadlineMs;
    this.beganAt = performance.now();
    this.timer = setTimeout(deadlinePassed, Math.min(request.deadlineMs, LONGEST_TIMER_MS), this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.controller === null && !this.ended) {
      this.controller = controller;
      return;
    }
    // Over before it was connected; or begun before, and this would send it a second time.
    this.fail(CONNECTION_CLOSED);
    controller.abort(ENDED);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status >= 200) {
      this.status = status;
      this.headers = flatten(headers);
      return;
    }
    this.informational++;
    if (this.informational > INFORMATIONAL_ANSWERS)
      this.fail({ code: "invalid_response", reason: "The endpoint sent interim answers (1xx) without end." });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.received < this.limits.responseKeptBytes) this.chunks.push(chunk);
    this.received += chunk.length;
    if (this.received > this.limits.responseReadBytes) this.answer(true);
  }

  onResponseEnd(): void {
    this.answer(false);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.ended) return;
    const fault = faultOfError(error);
    if (fault === null) {
      this.end();
      this.reject(error);
    } else if (this.status !== 0) this.answer(true);
    else this.fail(fault);
  }

  /** The time is over. */
  expire(): void {
    if (this.status !== 0) {
      this.answer(true);
      return;
    }
    const limit = this.deadlineMs >= 1_000 ? `${this.deadlineMs / 1_000} s` : `${this.deadlineMs} ms`;
    const reason =
      this.controller === null
        ? `There was no connection after ${limit}, all the time an attempt has.`
        : `The endpoint did not answer within ${limit}. Answer first, and do the work afterwards.`;
    this.fail({ code: "timeout", reason });
  }

  /** Ends with the answer as far as it was read. `cut`: before its end. */
  private answer(cut: boolean): void {
    if (this.ended) return;
    this.end();
    const truncated = cut || this.received > this.limits.responseKeptBytes;
    const body = this.received === 0 ? "" : textOf(this.chunks, this.limits.responseKeptBytes, truncated);
    this.resolve({
      kind: "answer",
      status: this.status,
      headers: this.headers,
      body,
      truncated,
      durationMs: performance.now() - this.beganAt,
    });
    if (cut) this.controller?.abort(ENDED);
  }

  private fail(fault: Fault): void {
    if (this.ended) return;
    this.end();
    this.resolve({ kind: "fault", code: fault.code, reason: fault.reason, durationMs: performance.now() - this.beganAt });
    this.controller?.abort(ENDED);
  }

  private end(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }
}

/** What an exchange aborts the rest of its request with. Nobody sees it. */
const ENDED = new Error("The exchange has ended.");

function deadlinePassed(exchange: Exchange): void {
  exchange.expire();
}

/** Header fields, those that came more than once joined. Source: https://www.rfc-editor.org/rfc/rfc9110#section-5.3 */
function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) flat[name] = typeof value === "string" ? value : value.join(", ");
  }
  return flat;
}

/**
 * The first `limit` bytes as text. Bytes that are not UTF-8 become U+FFFD, and so does NUL, which not every store can
 * keep; a character that was cut off at the end is left out.
 */
function textOf(chunks: readonly Buffer[], limit: number, truncated: boolean): string {
  const [first] = chunks;
  const bytes = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
  const kept = bytes.length > limit ? bytes.subarray(0, limit) : bytes;
  const text = truncated ? new StringDecoder("utf8").write(kept) : kept.toString("utf8");
  return text.includes("\0") ? text.replaceAll("\0", "\uFFFD") : text;
}
