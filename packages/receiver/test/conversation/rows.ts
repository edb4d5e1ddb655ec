import { Buffer } from "node:buffer";
import { memoryInbox } from "../../src/inbox/memory-inbox.ts";
import { createReceiver, InboxUnavailable, type Report } from "../../src/index.ts";
import { DEFAULT_LIMITS } from "../../src/limits.ts";
import type { EndpointOptions, ReceiverOptions } from "../../src/receiver.ts";
import type { StripeClient } from "../../src/stripe-client.ts";
import { bodyOf, CONNECT_SECRET, eventOf, PLATFORM_SECRET, START, signatureOf, thinEventOf } from "../signed-webhook.ts";
import { type TurnedClock, turnedClock } from "../turned-clock.ts";
import type { Sent } from "./caller.ts";

type Endpoints = { platform: EndpointOptions; connect: EndpointOptions & { connect: true } };
type Options = ReceiverOptions<Endpoints, null, StripeClient>;

/** A receiver with what it told of itself. */
export interface Scene {
  hooks: ReturnType<typeof createReceiver<Endpoints, null>>;
  clock: TurnedClock;
  /** What was reported, in few words: the outcome, or the reason of a refusal. */
  told: string[];
  reports: Report[];
}

/** A row of the status contract: what is sent, and what must come of it. */
export interface Row {
  /** What the README calls it. */
  says: string;
  options?: () => Partial<Options>;
  handlers?: (scene: Scene) => void;
  /** Requests, one after another; the answer to the last is looked at. */
  sends: () => Sent[];
  status: number;
  /** What is reported of all of them. */
  told: string[];
  headers?: Record<string, string>;
  /** How many pieces of work are pending afterwards; none unless said. */
  pending?: number;
}

/** Makes the receiver of a row. */
export function sceneOf(row: Row): Scene {
  const told: string[] = [];
  const reports: Report[] = [];
  const clock = turnedClock();
  const hooks = createReceiver<Endpoints, null>({
    endpoints: { platform: { secret: PLATFORM_SECRET }, connect: { secret: [CONNECT_SECRET, "whsec_old"], connect: true } },
    livemode: false,
    inbox: durable(),
    clock,
    log: false,
    onReport(report) {
      reports.push(report);
      told.push(report.kind === "refused" ? report.reason : report.kind === "trouble" ? report.says : report.outcome);
    },
    ...row.options?.(),
  });
  const scene: Scene = { hooks, clock, told, reports };
  row.handlers?.(scene);
  return scene;
}

/** A memory inbox that counts as one which outlives the process. */
function durable(): ReturnType<typeof memoryInbox> {
  return { ...memoryInbox(), durable: true };
}

const ACCOUNT = { id: "acct_1", object: "account" };

/** An event as it is sent. */
export function sent(
  event: unknown,
  {
    secret = CONNECT_SECRET,
    at = START,
    header,
    body = bodyOf(event),
  }: { secret?: string; at?: number; header?: string | null; body?: Uint8Array } = {},
): Sent {
  const signature = header === undefined ? signatureOf(body, { secret, at }) : header;
  return {
    method: "POST",
    headers: {
      "content-type": "application/json; charset=utf-8",
      "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
      ...(signature === null ? {} : { "stripe-signature": signature }),
    },
    body: [body],
  };
}

/** The same in pieces of so many bytes, which split characters. */
function inPieces(given: Sent, bytes: number): Sent {
  const whole = Buffer.concat(given.body);
  const pieces = Array.from({ length: Math.ceil(whole.length / bytes) }, (_, index) => whole.subarray(index * bytes, (index + 1) * bytes));
  return { ...given, body: pieces };
}

const handles = ({ hooks }: Scene): void => {
  hooks.connect.on("account.updated", () => undefined);
};
const handlesThin = ({ hooks }: Scene): void => {
  hooks.connect.on("v1.account.updated", () => undefined);
};
const throws = ({ hooks }: Scene): void => {
  hooks.connect.on("account.updated", () => {
    throw new Error("no");
  });
};
const updated = (given: Parameters<typeof eventOf>[1] = {}): Record<string, unknown> =>
  eventOf("account.updated", { object: ACCOUNT, ...given });
const thin = (given: Parameters<typeof thinEventOf>[1] = {}): Record<string, unknown> => thinEventOf("v1.account.updated", given);
const wide = (): Record<string, unknown> => updated({ object: { ...ACCOUNT, name: "Škoda 中文 🎈 \u2028" } });
const big = (): Sent => sent(updated({ object: { ...ACCOUNT, name: "x".repeat(DEFAULT_LIMITS.bodyBytes) } }));

/** The status contract. */
export const ROWS: readonly Row[] = [
  { says: "handled", handlers: handles, sends: () => [sent(updated())], status: 200, told: ["stored", "done"] },
  {
    says: "handler failed, and the inbox is durable",
    handlers: throws,
    sends: () => [sent(updated())],
    status: 200,
    told: ["stored", "retry"],
    pending: 1,
  },
  {
    says: "handler failed, and the inbox is not durable",
    options: () => ({ inbox: memoryInbox() }),
    handlers: throws,
    sends: () => [sent(updated())],
    status: 500,
    told: ["stored", "retry", "handler_failed"],
    pending: 1,
  },
  {
    says: "duplicate",
    handlers: handles,
    sends: () => [sent(updated({ id: "evt_twice" })), sent(updated({ id: "evt_twice" }))],
    status: 200,
    told: ["stored", "done", "duplicate"],
  },
  { says: "wrong mode", handlers: handles, sends: () => [sent(updated({ livemode: true }))], status: 200, told: ["wrong_mode"] },
  { says: "unhandled", sends: () => [sent(updated())], status: 200, told: ["unhandled"] },
  {
    says: "unhandled, of a type that is newer than the package",
    handlers: handles,
    sends: () => [sent(eventOf("moon.landed"))],
    status: 200,
    told: ["unhandled"],
  },
  {
    says: "stale",
    handlers: handles,
    sends: () => [sent(updated({ created: START / 1_000 })), sent(updated({ created: START / 1_000 - 1 }))],
    status: 200,
    told: ["stored", "done", "stored", "stale"],
  },
  {
    says: "unknown account, held",
    options: () => ({ accounts: { known: () => false } }),
    handlers: handles,
    sends: () => [sent(updated())],
    status: 200,
    told: ["stored", "deferred"],
    pending: 1,
  },
  {
    says: "unknown account, discarded",
    options: () => ({ accounts: { known: () => false, otherwise: "discard" } }),
    handlers: handles,
    sends: () => [sent(updated())],
    status: 200,
    told: ["stored", "discarded"],
  },
  {
    says: "of an account that has disconnected",
    handlers: handles,
    sends: () => [
      sent(eventOf("account.application.deauthorized", { object: { id: "ca_1", object: "application" } })),
      sent(updated({ created: START / 1_000 + 1 })),
    ],
    status: 200,
    told: ["deauthorized", "unhandled", "quarantined"],
  },
  { says: "thin, handled", handlers: handlesThin, sends: () => [sent(thin())], status: 200, told: ["stored", "done"] },
  {
    says: "thin, in pieces that split characters, and twice",
    handlers: handlesThin,
    sends() {
      const event = thin({ more: { name: "Škoda 中文 🎈" } });
      return [inPieces(sent(event), 7), sent(event)];
    },
    status: 200,
    told: ["stored", "done", "duplicate"],
  },
  { says: "thin, and the handler is for the whole one", handlers: handles, sends: () => [sent(thin())], status: 200, told: ["unhandled"] },
  {
    says: "whole, and the handler is for the thin one",
    handlers: handlesThin,
    sends: () => [sent(updated())],
    status: 200,
    told: ["unhandled"],
  },
  { says: "thin, wrong scope", handlers: handlesThin, sends: () => [sent(thin({ context: null }))], status: 200, told: ["mismatched"] },
  { says: "thin, wrong mode", handlers: handlesThin, sends: () => [sent(thin({ livemode: true }))], status: 200, told: ["wrong_mode"] },
  {
    says: "thin, and fetching fails",
    options: () => ({ stripe: { rawRequest: () => Promise.reject(new Error("the API is away")) } }),
    handlers({ hooks }) {
      hooks.connect.on("v1.account.updated", (_event, { fresh }) => fresh());
    },
    sends: () => [sent(thin())],
    status: 200,
    told: ["stored", "retry"],
    pending: 1,
  },
  {
    says: "thin, of an account that has disconnected",
    handlers: handlesThin,
    sends: () => [sent(thinEventOf("v1.account.application.deauthorized", { related: null })), sent(thin({ created: START + 1_000 }))],
    status: 200,
    told: ["deauthorized", "unhandled", "quarantined"],
  },
  {
    says: "signed, but a thin event without a time",
    sends: () => [sent(thin({ more: { created: 7 } }))],
    status: 400,
    told: ["not_an_event"],
  },
  { says: "wrong scope", handlers: handles, sends: () => [sent(updated({ account: null }))], status: 200, told: ["mismatched"] },
  {
    says: "signed with a secret that is being replaced",
    handlers: handles,
    sends: () => [sent(updated(), { secret: "whsec_old" })],
    status: 200,
    told: ["stored", "done"],
  },
  {
    says: "signed with two secrets in one header",
    handlers: handles,
    sends() {
      const event = updated();
      const [first, second] = ["whsec_unknown", "whsec_old"].map((secret) => signatureOf(bodyOf(event), { secret }));
      return [sent(event, { header: `${first},${second?.split(",")[1]},v0=00` })];
    },
    status: 200,
    told: ["stored", "done"],
  },
  {
    says: "chunked, in pieces that split characters",
    handlers: handles,
    sends: () => [inPieces(sent(wide()), 7)],
    status: 200,
    told: ["stored", "done"],
  },
  {
    says: "with a byte order mark",
    handlers: handles,
    sends: () => [sent(null, { body: Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bodyOf(wide())]) })],
    status: 200,
    told: ["stored", "done"],
  },
  { says: "no signature", handlers: handles, sends: () => [sent(updated(), { header: null })], status: 400, told: ["header_missing"] },
  {
    says: "a signature that is none",
    handlers: handles,
    sends: () => [sent(updated(), { header: "t=1" })],
    status: 400,
    told: ["header_malformed"],
  },
  {
    says: "signed with another secret",
    handlers: handles,
    sends: () => [sent(updated(), { secret: "whsec_other" })],
    status: 400,
    told: ["signature_mismatch"],
  },
  {
    says: "a body that was written anew on its way",
    handlers: handles,
    sends() {
      const event = updated();
      return [sent(event, { header: signatureOf(bodyOf(event), { secret: CONNECT_SECRET }), body: Buffer.from(JSON.stringify(event)) })];
    },
    status: 400,
    told: ["body_reserialized"],
  },
  { says: "301 s old", handlers: handles, sends: () => [sent(updated(), { at: START - 301_000 })], status: 400, told: ["timestamp_old"] },
  {
    says: "301 s in the future",
    handlers: handles,
    sends: () => [sent(updated(), { at: START + 301_000 })],
    status: 400,
    told: ["timestamp_future"],
  },
  {
    says: "signed, but no JSON",
    handlers: handles,
    sends: () => [sent(null, { body: Buffer.from("{") })],
    status: 400,
    told: ["not_json"],
  },
  { says: "signed, but no event", handlers: handles, sends: () => [sent([])], status: 400, told: ["not_an_event"] },
  { says: "empty", handlers: handles, sends: () => [{ ...sent(updated()), body: [] }], status: 400, told: ["signature_mismatch"] },
  {
    says: "wrong method",
    handlers: handles,
    sends: () => [{ ...sent(updated(), { header: null }), method: "GET", body: [] }],
    status: 405,
    told: ["method"],
    headers: { allow: "POST" },
  },
  {
    says: "signed, with another method",
    handlers: handles,
    sends: () => [{ ...sent(updated()), method: "PUT" }],
    status: 405,
    told: ["method"],
    headers: { allow: "POST" },
  },
  { says: "too large", handlers: handles, sends: () => [big()], status: 413, told: ["too_large"] },
  { says: "too large, chunked", handlers: handles, sends: () => [inPieces(big(), 60_000)], status: 413, told: ["too_large"] },
  {
    says: "the inbox is unavailable",
    options: () => ({
      inbox: {
        ...durable(),
        store: () => Promise.reject(new InboxUnavailable("the disk is full")),
      },
    }),
    handlers: handles,
    sends: () => [sent(updated())],
    status: 503,
    told: ["inbox_unavailable"],
    headers: { "retry-after": "30" },
  },
  {
    says: "the secret cannot be had",
    options: () => ({
      endpoints: {
        platform: { secret: PLATFORM_SECRET },
        connect: { secret: () => Promise.reject(new Error("the vault is sealed")), connect: true },
      },
    }),
    handlers: handles,
    sends: () => [sent(updated())],
    status: 500,
    told: ["secret_unavailable"],
  },
];
