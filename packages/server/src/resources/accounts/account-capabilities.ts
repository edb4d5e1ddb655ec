import { apiError } from "@carabiner/protocol";
import { asJson } from "../../operations/as-json.ts";
import { operation, type Resource } from "../../operations/operation.ts";
import { flag, listAnswer, optional, params } from "../../operations/parameters.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import { accessibleAccount, othersAccount } from "../access/accessible-account.ts";
import { changeAccountWorld } from "../account-changes/change-account-world.ts";
import { expandAccount } from "../connected-account/rendering/expand-account.ts";
import { renderCapability } from "../connected-account/rendering/render-capability.ts";
import { type AccountWorld, readAccountWorld } from "../connected-account/state/account-world.ts";
import { CAPABILITIES, type CapabilityName } from "../connected-account/state/capabilities.ts";
import { nothingDue } from "../connected-account/state/derived.ts";
import { changeAccount } from "./change-account.ts";
import { checkTold } from "./check-told.ts";

/** The capabilities of an account. Source: https://docs.stripe.com/api/capabilities */
export const accountCapabilities: Resource = {
  object: "capability",
  expandable: { account: expandAccount },
  operations: [
    operation({
      method: "GET",
      path: "/v1/accounts/:account/capabilities",
      params: params({}),
      async run(context, _, { account = "" }) {
        const world = await readAccountWorld(context.tx, await accessibleAccount(context, account), context.limits);
        const data = CAPABILITIES.filter((name) => world.state.derived.capabilities[name] !== undefined).map((name) =>
          capabilityOf(world, name),
        );
        return listAnswer(`/v1/accounts/${world.row.id}/capabilities`, data, false);
      },
    }),
    operation({
      method: "GET",
      path: "/v1/accounts/:account/capabilities/:capability",
      params: params({}),
      async run(context, _, { account = "", capability = "" }) {
        const row = await accessibleAccount(context, account);
        return capabilityOf(await readAccountWorld(context.tx, row, context.limits), nameOf(capability));
      },
    }),
    operation({
      method: "POST",
      path: "/v1/accounts/:account/capabilities/:capability",
      params: params({ requested: optional(flag()) }),
      async run(context, { requested }, { account = "", capability = "" }) {
        const { tx, limits, now, livemode, ids } = context;
        const row = await othersAccount(context, account);
        const name = nameOf(capability);
        const world = await readAccountWorld(tx, row, limits);
        if (requested === undefined) return capabilityOf(world, name);
        const told = { capabilities: { [name]: { requested } } };
        checkTold(world, told);
        const after = changeAccount(world, told, { id: ids.newId("person", now), now, livemode });
        return capabilityOf(await changeAccountWorld(context, world, after), name);
      },
    }),
  ],
};

/** The current state of a capability. One that was never requested has no requirements. */
function capabilityOf({ row, state }: AccountWorld, name: CapabilityName): JsonObject {
  const unrequested = {
    requested: false,
    requestedAt: null,
    status: "unrequested",
    requirements: nothingDue(),
    futureRequirements: nothingDue(),
  };
  return asJson(renderCapability(row.id, name, state.derived.capabilities[name] ?? unrequested));
}

/** Throws `resource_missing` for an unknown capability. */
function nameOf(asked: string): CapabilityName {
  const name = CAPABILITIES.find((one) => one === asked);
  if (name === undefined) throw apiError("resource_missing", { object: "capability", id: asked, param: "capability" });
  return name;
}
