import { type Clock, startTimer } from "./clock.ts";
import type { EndpointTable } from "./endpoints.ts";
import type { Answer, Incoming, UnreadBody } from "./http-exchange.ts";
import type { Intake, Taken } from "./intake.ts";
import type { Limits } from "./limits.ts";
import { messageOf } from "./presentable.ts";
import type { RefusalReason, Refused, Report } from "./report.ts";
import { isPending, type Soon, whenReady } from "./soon.ts";
import { readEvent } from "./verify/read-event.ts";
import type { SigningEndpoint } from "./verify/signing-endpoint.ts";
import { type Verified, verify } from "./verify/verify.ts";

export interface ReceivingParts {
  endpoints: EndpointTable;
  intake: Intake;
  clock: Clock;
  limits: Limits;
  report(report: Report): void;
  /** Called when an event was taken in: its work needs a worker from now on. */
  onTaken(shortLived: boolean): void;
  /** Whether the process keeps running, so that an answer need not wait until the returns of handlers are recorded. */
  stays(): boolean;
}

/** What the caller sees. The cause goes only to the log. */
const SAID: Readonly<Record<number, string>> = {
  400: "The request could not be verified.",
  405: "Only POST is allowed.",
  413: "The body is too large.",
  500: "The request could not be handled.",
  503: "The event cannot be stored at the moment.",
};

/** The status of a refused request, by its reason. */
export const REFUSAL_STATUS: Readonly<Record<RefusalReason, number>> = {
  method: 405,
  too_large: 413,
  body_cut_short: 400,
  body_consumed: 500,
  header_missing: 400,
  header_malformed: 400,
  signature_mismatch: 400,
  body_reserialized: 400,
  timestamp_old: 400,
  timestamp_future: 400,
  not_json: 400,
  not_an_event: 400,
  secret_unavailable: 500,
  inbox_unavailable: 503,
  handler_failed: 500,
};

const NOTHING = Promise.resolve();

/**
 * Handles a request: read, verify, store, answer. The same for all frameworks. The answer is returned synchronously if
 * there is nothing to wait for: the body, secrets, the inbox, or handlers.
 */
export function createReceive({
  endpoints,
  intake,
  clock,
  limits,
  report,
  onTaken,
  stays,
}: ReceivingParts): (incoming: Incoming) => Soon<Answer> {
  function refuse(reason: RefusalReason, says: string, more: Pick<Refused, "skewSeconds"> = {}): Answer {
    const status = REFUSAL_STATUS[reason];
    report({ kind: "refused", reason, status, says, ...more });
    const headers: Record<string, string> = {};
    if (status === 405) headers.allow = "POST";
    if (status === 503) headers["retry-after"] = String(limits.unavailableRetrySeconds);
    return answer(status, { error: SAID[status] }, headers, NOTHING);
  }

  return (incoming) => {
    if (incoming.method.toUpperCase() !== "POST") {
      return refuse(
        "method",
        `The request is a ${incoming.method}, but webhooks are sent with POST. Was the address opened in a browser, or redirected?`,
      );
    }
    const header = incoming.header("stripe-signature") ?? null;
    const read = typeof incoming.body === "function" ? incoming.body(limits.bodyBytes) : incoming.body;
    return isPending(read) ? Promise.resolve(read).then((body) => check(incoming, header, body)) : check(incoming, header, read);
  };

  /** Continues once the body has been read. */
  function check(incoming: Incoming, header: string | null, read: Uint8Array | UnreadBody): Soon<Answer> {
    const body = bytesOf(read);
    if (!(body instanceof Uint8Array)) {
      switch (body.kind) {
        case "too_large":
          return refuse("too_large", `The body is larger than ${limits.bodyBytes} bytes, the limit bodyBytes.`);
        case "cut_short":
          return refuse("body_cut_short", "The connection ended before the whole body arrived. The sender will send it again.");
        case "consumed":
          return refuse(
            "body_consumed",
            `Something read the body before the receiver did, so its signature cannot be checked. ${body.remedy} Nothing was stored, and the sender will send it again.`,
          );
      }
    }
    if (body.length > limits.bodyBytes) {
      return refuse("too_large", `The body has ${body.length} bytes, but the limit bodyBytes allows ${limits.bodyBytes}.`);
    }
    if (endpoints.always !== null) return checkSignature(incoming, header, body, endpoints.always);
    return endpoints.signing({ url: incoming.url ?? null, header: (name) => incoming.header(name.toLowerCase()) ?? null }).then(
      (signing) => checkSignature(incoming, header, body, signing),
      (error: unknown) => refuse("secret_unavailable", `The secrets for this request cannot be loaded: ${messageOf(error)}`),
    );
  }

  function checkSignature(incoming: Incoming, header: string | null, body: Uint8Array, signing: readonly SigningEndpoint[]): Soon<Answer> {
    const verified = verify({ header, body, endpoints: signing, now: clock.now(), toleranceSeconds: limits.toleranceSeconds });
    return isPending(verified) ? verified.then((one) => takeIn(incoming, body, one)) : takeIn(incoming, body, verified);
  }

  function takeIn(incoming: Incoming, body: Uint8Array, verified: Verified): Soon<Answer> {
    if (!verified.ok) {
      const { reason, says, skewSeconds } = verified;
      return refuse(reason, says, skewSeconds === undefined ? {} : { skewSeconds });
    }
    const event = readEvent(body);
    if (!event.ok) return refuse(event.reason, event.says);
    const taken = intake.take(event.event, verified.endpoints, event.parsed);
    return isPending(taken) ? taken.then((one) => answerTo(incoming, one)) : answerTo(incoming, taken);
  }

  function answerTo(incoming: Incoming, taken: Taken): Soon<Answer> {
    if (!taken.ok) return refuse("inbox_unavailable", taken.says);
    onTaken(incoming.shortLived === true);
    const { finished } = taken;
    if (!taken.mustSucceed) {
      const settled = isPending(finished) ? finished.then(() => undefined) : NOTHING;
      const enough: Soon<unknown> = stays() && incoming.shortLived !== true ? taken.returned : finished;
      if (!taken.begun || !isPending(enough)) return received(settled);
      return within(enough, limits.budgetMs, clock).then(() => received(settled));
    }
    return whenReady(finished, (succeeded) =>
      succeeded
        ? received(NOTHING)
        : refuse(
            "handler_failed",
            "A handler failed, and this inbox does not outlive the process, so the sender is asked to send the event again.",
          ),
    );
  }
}

/** Waits for handlers as long as the budget lasts. `enough` never rejects. */
function within(enough: Promise<unknown>, budgetMs: number, clock: Clock): Promise<unknown> {
  if (budgetMs === 0) return NOTHING;
  return new Promise<void>((resolve) => {
    const cancel = startTimer(clock, budgetMs, resolve);
    void enough.then(() => {
      cancel();
      resolve();
    });
  });
}

function received(settled: Promise<void>): Answer {
  return { status: 200, headers: { ...HEADERS }, body: RECEIVED, settled };
}

const HEADERS = { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" };
const RECEIVED = JSON.stringify({ received: true });

function answer(status: number, body: object, headers: Record<string, string>, settled: Promise<void>): Answer {
  return {
    status,
    headers: { ...HEADERS, ...headers },
    body: JSON.stringify(body),
    settled,
  };
}

/** Text that a parser left behind is the body, encoded as UTF-8; objects cannot be used. */
function bytesOf(body: Uint8Array | UnreadBody): Uint8Array | UnreadBody {
  if (body instanceof Uint8Array || body.kind !== "consumed") return body;
  if (body.left instanceof Uint8Array) return body.left;
  return typeof body.left === "string" && body.left !== "" ? new TextEncoder().encode(body.left) : body;
}
