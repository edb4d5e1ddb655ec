// The same few requests on every runtime, with nothing but what the web has. Prints one line for each answer.
import { createReceiver } from "@carabiner/receiver";
import { lambdaHooks } from "@carabiner/receiver/lambda";
import { memoryInbox } from "@carabiner/receiver/memory";

const SECRET = "whsec_smoke";
const told = [];
const hooks = createReceiver({
  endpoints: { connect: { secret: SECRET, connect: true } },
  livemode: false,
  inbox: memoryInbox(),
  log: false,
  onReport: (report) => told.push(report.reason ?? report.outcome),
});
hooks.connect.on("payout.failed", (event, { account }) => {
  told.push(`${event.data.object.failure_message} of ${account}`);
});

async function signature(body, at = Date.now()) {
  const time = Math.floor(at / 1_000);
  const bytes = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", bytes.encode(SECRET), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes.encode(`${time}.${body}`)));
  return `t=${time},v1=${[...mac].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

async function say(what, request) {
  const response = await hooks.fetch(request);
  console.log(what, response.status, await response.text(), told.splice(0).join(" "));
}

const body = JSON.stringify(
  {
    id: "evt_1",
    object: "event",
    account: "acct_1",
    api_version: null,
    created: Math.floor(Date.now() / 1_000),
    data: { object: { id: "po_1", object: "payout", failure_message: "kein Konto — 中文 🎈" } },
    livemode: false,
    pending_webhooks: 1,
    request: null,
    type: "payout.failed",
  },
  null,
  2,
);
const url = "https://example.com/webhooks/stripe";
const post = async (content, header) =>
  new Request(url, { method: "POST", headers: { "stripe-signature": header ?? (await signature(content)) }, body: content });

await say("handled", await post(body));
await say("duplicate", await post(body));
await say("tampered", await post(body.replace("acct_1", "acct_2"), await signature(body)));
await say("old", await post(body, await signature(body, Date.now() - 301_000)));
await say("large", await post("x".repeat(1_048_577)));
await say("get", new Request(url));
const read = await post(body);
await read.text();
await say("consumed", read);
const { statusCode } = await lambdaHooks(hooks)({
  httpMethod: "POST",
  headers: { "Stripe-Signature": await signature(body) },
  body: btoa(String.fromCharCode(...new TextEncoder().encode(body))),
  isBase64Encoded: true,
});
console.log("lambda", statusCode, told.join(" "));
