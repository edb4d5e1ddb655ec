import { StringDecoder } from "node:string_decoder";
import { checkUrl, createAddressGuard, type DestinationRules, hostOf, portOf } from "../destinations.ts";
import type { Limits } from "../limits.ts";
import { readProxy } from "./egress-proxy.ts";
import { DESTINATION_NOT_ALLOWED, faultOfError, type TransportFault } from "./fault-of-error.ts";
import type { RefusalLimits } from "./first-handshakes.ts";
import { type ConnectPhases, createGuardedConnector, type Destination, type Resolve } from "./guarded-connector.ts";
import type { ResponseHandler } from "./http1/connection.ts";
import { ConnectionPool, type ConnectionPoolOptions } from "./http1/connection-pool.ts";
import { requestHead } from "./http1/request-head.ts";
import { createNameService, type NameService, type NameServiceOptions } from "./names/name-service.ts";
import type { EgressOptions, OutgoingRequest, Phases, Posted, Transport } from "./transport.ts";

export interface HttpTransportOptions extends EgressOptions {
  limits: ConnectionPoolOptions["limits"] &
    NameServiceOptions["limits"] &
    Pick<Limits, "attemptConnectMs" | "responseKeptBytes"> &
    RefusalLimits;
  /** Certificates (PEM) of authorities to trust in addition to those that Node.js trusts. */
  certificateAuthorities?: readonly string[];
  /** Finds the addresses of host names, in place of name servers. */
  resolve?: Resolve;
}

/** URLs remembered in their parsed form. */
const PARSED_URLS = 4_096;

/** The longest delay that `setTimeout` takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Posts over HTTP/1.1 with connections kept alive, to the destinations that the rules allow. Redirects are not
 * followed, nothing is decompressed, and nothing is sent twice: a POST whose connection fails is a fault.
 *
 * Only the head of an answer counts: once it has arrived in full, any problem with the body (too long, too slow,
 * cut off) only makes the answer `truncated`. Throws a TypeError for an invalid range of addresses or an invalid URL of
 * the proxy.
 */
export function createHttpTransport(options: HttpTransportOptions): Transport {
  const { limits } = options;
  /** Made for the first name: it reads files of the machine, and a server that sends nothing need not wait for that. */
  let names: NameService | null = null;
  const namesNow = (): NameService => {
    names ??= createNameService({ limits, nameServers: options.nameServers ?? [], now: () => performance.now() });
    return names;
  };
  const pool = new ConnectionPool({
    limits,
    connect: createGuardedConnector({
      guard: createAddressGuard(options),
      limits,
      timeoutMs: limits.attemptConnectMs,
      headBytes: limits.responseHeaderBytes,
      resolve: options.resolve ?? ((hostname) => namesNow().resolve(hostname)),
      proxy: options.proxy === undefined ? null : readProxy(options.proxy),
      ...(options.certificateAuthorities === undefined ? {} : { certificateAuthorities: options.certificateAuthorities }),
    }),
  });

  const outcomes = new TurnOutcomes();
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
      return new Promise((resolve) => {
        const exchange = new Exchange(request, limits, (posted) => outcomes.add(resolve, posted));
        try {
          const head = requestHead(target, request.headers, request.body.length);
          exchange.begin(pool.send(target.destination, { head, body: request.body }, exchange));
        } catch (error) {
          exchange.onFault(faultOfError(error));
        }
      });
    },
    endUnsent: () => pool.endUnsent(),
    async close() {
      names?.close();
      await pool.close();
    },
  };
}

interface Reachable {
  destination: Destination;
  /** The value of the `Host` field. */
  host: string;
  path: string;
  fault: null;
}
type Target = Reachable | { fault: TransportFault };

function parseTarget(text: string, rules: DestinationRules): Target {
  const { problem, url } = checkUrl(text, rules);
  if (problem === "not_allowed") return { fault: DESTINATION_NOT_ALLOWED };
  if (problem !== null) return { fault: { code: "invalid_url", reason: "The endpoint's URL is not one that can be delivered to." } };
  const destination = { origin: url.origin, secure: url.protocol === "https:", hostname: hostOf(url), port: portOf(url) };
  return { destination, host: url.host, path: url.pathname + url.search, fault: null };
}

/**
 * Reports outcomes when the turn of the event loop has read every socket that was ready: the attempts that follow are
 * then recorded and begun together.
 */
class TurnOutcomes {
  private ended: { resolve(posted: Posted): void; posted: Posted }[] = [];

  add(resolve: (posted: Posted) => void, posted: Posted): void {
    if (this.ended.push({ resolve, posted }) === 1) setImmediate(report, this);
  }

  report(): void {
    const { ended } = this;
    this.ended = [];
    for (const { resolve, posted } of ended) resolve(posted);
  }
}

function report(outcomes: TurnOutcomes): void {
  outcomes.report();
}

/** One request and its answer. It ends once; later calls are ignored. */
class Exchange implements ResponseHandler {
  private readonly limits: HttpTransportOptions["limits"];
  private readonly resolve: (posted: Posted) => void;
  private readonly deadlineMs: number;
  private readonly beganAt: number;
  private readonly tellHead: OutgoingRequest["onHead"];
  private timer: NodeJS.Timeout;
  private abort: () => void = () => undefined;
  /**
   * When the request was written and when the first byte of the answer arrived, by the monotonic clock; 0 until then.
   */
  private sentAt = 0;
  private firstByteAt = 0;
  /** The phases of connecting so far; null when a connection is reused. */
  private connecting: ConnectPhases | null = null;
  private ended = false;
  /** 0 until the head of the answer has arrived. */
  private status = 0;
  private headers: Readonly<Record<string, string>> = {};
  private chunks: Buffer[] = [];
  private received = 0;

  constructor(request: OutgoingRequest, limits: HttpTransportOptions["limits"], resolve: (posted: Posted) => void) {
    this.limits = limits;
    this.resolve = resolve;
    this.deadlineMs = request.deadlineMs;
    this.tellHead = request.onHead;
    this.beganAt = performance.now();
    this.timer = setTimeout(deadlinePassed, Math.min(request.deadlineMs, LONGEST_TIMER_MS), this);
  }

  /** Takes the function that ends the request early. */
  begin(abort: () => void): void {
    this.abort = abort;
  }

  onConnecting(phases: ConnectPhases): void {
    this.connecting = phases;
  }

  onSent(): void {
    this.sentAt = performance.now();
  }

  onFirstByte(): void {
    this.firstByteAt = performance.now();
  }

  onHead(status: number, headers: Readonly<Record<string, string>>): void {
    this.status = status;
    this.headers = headers;
    // Most bodies arrive together with their head, and are complete by then.
    if (this.tellHead !== undefined) process.nextTick(headArrived, this);
  }

  onData(chunk: Buffer): void {
    if (this.received < this.limits.responseKeptBytes) this.chunks.push(chunk);
    this.received += chunk.length;
    if (this.received > this.limits.responseReadBytes) this.answer(true);
  }

  onEnd(): void {
    this.answer(false);
  }

  onFault(fault: TransportFault): void {
    if (this.status !== 0) this.answer(true);
    else this.fail(fault);
  }

  /** The head and what came with it have been read: the rest of the body gets its own time. */
  awaitBody(): void {
    if (this.ended || this.tellHead === undefined) return;
    const durationMs = performance.now() - this.beganAt;
    const bodyMs = this.tellHead({ kind: "answer", status: this.status, headers: this.headers, durationMs });
    if (bodyMs <= 0) {
      this.answer(true);
      return;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(deadlinePassed, Math.min(bodyMs, Math.max(1, this.deadlineMs - durationMs), LONGEST_TIMER_MS), this);
  }

  /** The time is up. */
  expire(): void {
    if (this.status !== 0) {
      this.answer(true);
      return;
    }
    const limit = this.deadlineMs >= 1_000 ? `${this.deadlineMs / 1_000} s` : `${this.deadlineMs} ms`;
    const reason =
      this.sentAt > 0
        ? `The endpoint did not answer within ${limit}. Answer first, and do the work afterwards.`
        : `There was no connection after ${limit}, all the time an attempt has.`;
    this.fail({ code: "timeout", reason });
  }

  /** Ends with what was read of the answer. `cut`: before its end. */
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
      phases: this.phases(),
    });
    if (cut) this.abort();
  }

  private fail({ code, reason, cause }: TransportFault): void {
    if (this.ended) return;
    this.end();
    const durationMs = performance.now() - this.beganAt;
    this.resolve({ kind: "fault", code, reason, durationMs, phases: this.phases(), ...(cause === undefined ? {} : { cause }) });
    this.abort();
  }

  private phases(): Phases {
    return {
      reused: this.connecting === null && this.sentAt > 0,
      dnsMs: null,
      connectMs: null,
      tlsMs: null,
      ...this.connecting,
      firstByteMs: this.firstByteAt > 0 ? this.firstByteAt - this.sentAt : null,
    };
  }

  private end(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }
}

function deadlinePassed(exchange: Exchange): void {
  exchange.expire();
}

function headArrived(exchange: Exchange): void {
  exchange.awaitBody();
}

/**
 * The first `limit` bytes as text. Bytes that are not UTF-8 become U+FFFD. So does NUL, which some stores cannot keep.
 * A character that is cut off at the end is omitted.
 */
function textOf(chunks: readonly Buffer[], limit: number, truncated: boolean): string {
  const [first] = chunks;
  const bytes = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
  const kept = bytes.length > limit ? bytes.subarray(0, limit) : bytes;
  const text = truncated ? new StringDecoder("utf8").write(kept) : kept.toString("utf8");
  return text.includes("\0") ? text.replaceAll("\0", "\uFFFD") : text;
}
