import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { type ObjectKind, ownRow } from "../../operations/object-kind.ts";
import { operation, type Resource } from "../../operations/operation.ts";
import { params, text } from "../../operations/parameters.ts";
import { seconds } from "../../operations/time-range.ts";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import { type EphemeralKeyState, endEphemeralKey, makeEphemeralKey } from "../access/ephemeral-key.ts";
import { kept } from "../access/secret-row.ts";
import { checkCustomer } from "../customers/customer.ts";

const EPHEMERAL_KEY: ObjectKind = { object: "ephemeral_key", name: "ephemeral key", show: renderEphemeralKey };

/** Keys for a customer's device. Source: https://docs.stripe.com/mobile/ephemeral-keys */
export const ephemeralKeys: Resource = {
  object: EPHEMERAL_KEY.object,
  expandable: {},
  operations: [
    operation({
      method: "POST",
      path: "/v1/ephemeral_keys",
      params: coversStripeParams<Stripe.EphemeralKeyCreateParams>()(params({ customer: text() }), [
        "issuing_card",
        "nonce",
        "verification_session",
      ]),
      async run(context, { customer }) {
        await checkCustomer(context, customer);
        const { row, secret } = await makeEphemeralKey(context, customer);
        return { ...renderEphemeralKey(row), secret };
      },
    }),
    operation({
      method: "DELETE",
      path: "/v1/ephemeral_keys/:key",
      params: params({}),
      async run(context, _, path) {
        const row = await ownRow(context, EPHEMERAL_KEY, path.key ?? "");
        await endEphemeralKey(context, row);
        return { ...renderEphemeralKey(row), expires: seconds(context.now) };
      },
    }),
  ],
};

/** The Ephemeral Key object, with the customer that mobile clients expect in it. */
function renderEphemeralKey(row: ObjectRow): JsonObject {
  const { customer, expiresAt } = kept<EphemeralKeyState>(row);
  const key = {
    id: row.id,
    object: "ephemeral_key",
    created: seconds(row.created),
    expires: seconds(expiresAt),
    livemode: row.livemode,
  } satisfies Stripe.EphemeralKey;
  return asJson({ ...key, associated_objects: [{ type: "customer", id: customer }] });
}
