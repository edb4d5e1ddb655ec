// What a platform writes, compiled against every supported version of `stripe`, as an ES module and as CommonJS. It is
// never run.
import { type Connection, createReceiver, Defer, Discard, type Report } from "@carabiner/receiver";
import { fastifyHooks } from "@carabiner/receiver/fastify";
import { lambdaHooks } from "@carabiner/receiver/lambda";
import { memoryInbox } from "@carabiner/receiver/memory";
import Stripe from "stripe";

type Same<One, Other> = (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;
function same<One, Other>(_yes: Same<One, Other>): void {
  // The argument's type is the assertion.
}

export const hooks = createReceiver({
  endpoints: {
    platform: { secret: "whsec_platform" },
    connect: { secret: ["whsec_connect", "whsec_connect_old"], connect: true },
  },
  livemode: false,
  inbox: memoryInbox(),
  stripe: new Stripe("sk_test_1"),
  onReport(report: Report) {
    if (report.kind === "connection") same<typeof report, Connection>(true);
  },
});

hooks.connect
  .on("payout.failed", async (event, context) => {
    // The object follows from the type, the account from the lane, the client from what was given.
    same<typeof event, Stripe.PayoutFailedEvent>(true);
    same<typeof event.data.object, Stripe.Payout>(true);
    same<typeof context.account, string>(true);
    same<typeof context.stripe, Stripe>(true);
    same<Awaited<ReturnType<typeof context.fresh>>, Stripe.Payout>(true);
    if (event.data.object.failure_code === "no_account") throw new Defer("wait", "10s");
    if (event.data.object.amount === 0) throw new Discard("nothing");
    await context.stripe.payouts.retrieve(event.data.object.id, {}, context.as);
    // @ts-expect-error a payout has no such field
    event.data.object.failure_cod;
  })
  .on(["person.created", "person.updated"], { id: "people", order: "latest" }, (event) => {
    same<typeof event.data.object, Stripe.Person>(true);
    same<typeof event.type, "person.created" | "person.updated">(true);
  })
  .on("person.*", { id: "family" }, (event) => {
    same<typeof event.type, "person.created" | "person.updated" | "person.deleted">(true);
  })
  .on("customer.subscription.*", (event) => {
    same<typeof event.data.object, Stripe.Subscription>(true);
  })
  .on("*", (event) => {
    same<typeof event, Stripe.Event>(true);
  });

hooks.platform.on("payout.paid", (event, context) => {
  same<typeof context.account, null>(true);
  // @ts-expect-error the platform's own events have no account
  context.account.length;
  // @ts-expect-error it is no event of an account either
  same<typeof event, Stripe.AccountUpdatedEvent>(true);
});

// Thin events: with the types of the installed package, or with those of this one where the package lacks them.
hooks.connect
  .on("v1.account.updated", async (event, context) => {
    same<typeof context.account, string>(true);
    event.related_object?.url.length;
    event.context?.segments.join("/");
    await Promise.all([event.fetchEvent(), event.fetchRelatedObject(), context.fresh()]);
    await context.stripe.payouts.list({}, context.as);
  })
  .on("v1.person.*", (event) => event.id)
  .on(["v2.core.account.created", "v2.core.account[requirements].updated"], { id: "accounts" }, (event) => event.created);
hooks.platform.on("v2.core.account[requirements].updated", (event, { account }) => {
  same<typeof account, string | null>(true);
  event.related_object?.id?.length;
});

// @ts-expect-error misspelt
hooks.connect.on("payout.faild", () => undefined);
// @ts-expect-error misspelt in a list
hooks.connect.on(["payout.failed", "acount.updated"], { id: "b" }, () => undefined);
// @ts-expect-error no such family
hooks.connect.on("payouts.*", () => undefined);
// @ts-expect-error no such lane
hooks.conect;
// @ts-expect-error no such order
hooks.connect.on("payout.failed", { id: "c", order: "newest" }, () => undefined);
// @ts-expect-error a receiver must be told which mode it is for
createReceiver({ endpoints: { connect: { secret: "whsec_1", connect: true } }, inbox: memoryInbox() });
// @ts-expect-error no such limit
createReceiver({ endpoints: { a: { secret: "whsec_1" } }, livemode: true, inbox: memoryInbox(), limits: { budgetMS: 1 } });

hooks
  .onDeauthorized((gone) => {
    same<typeof gone.account, string>(true);
    // @ts-expect-error the access is gone, so there is no client
    gone.stripe;
  })
  .onRequirementsDue(({ account, due, deadline }) => {
    same<typeof account, string>(true);
    same<typeof due, string[]>(true);
    same<typeof deadline, number | null>(true);
  })
  .onPersonNeedsAttention(({ person }) => person.length)
  .onExternalAccountDisabled(({ externalAccount }) => {
    same<typeof externalAccount, Stripe.ExternalAccount>(true);
  })
  .onPayoutFailed(({ payout, failureCode }) => {
    same<typeof payout, Stripe.Payout>(true);
    same<typeof failureCode, string | null>(true);
  })
  .onPayoutCured(({ by }) => {
    same<typeof by, "external_account" | "payout">(true);
  })
  .unhandled((event) => event.type);

export const POST: (request: Request) => Promise<Response> = hooks.fetch;
export const plugin = fastifyHooks(hooks);
export const handler = lambdaHooks(hooks);
