import type { ThinEventType } from "@carabiner/protocol";
import { previousAttributes } from "../../events/previous-attributes.ts";
import type { PlatformDrafts, ThinDraft } from "../../events/record-thin-event.ts";
import { hashOf } from "../../operations/merge-change.ts";
import type { AccountRow, JsonObject } from "../../store/contract/rows.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import { CONFIGURATIONS, type Configuration } from "../connected-account/v2/capability-names.ts";
import { appliedConfigurations, isApplied } from "../connected-account/v2/configurations.ts";
import { type CapabilityStatus, capabilityStatuses } from "../connected-account/v2/render-capabilities.ts";
import { type Include, v2Account } from "../connected-account/v2/render-v2-account.ts";

/** Parts of an account whose changes each have an event, in the order of the events. */
const PARTS = [
  "identity",
  "defaults",
  "configuration.customer",
  "configuration.merchant",
  "configuration.recipient",
  "requirements",
  "future_requirements",
] as const;

/**
 * The v2 API's events for a change of an account: one for each part that v2 now shows differently, and one for each
 * capability whose status changed. They happen on the account's platforms.
 * Source: https://docs.stripe.com/api/v2/core/accounts/event-types
 */
export function accountUpdated(livemode: boolean, before: AccountWorld, after: AccountWorld): PlatformDrafts {
  return {
    account: after.row,
    drafts() {
      const [was, is] = [partsOf(before), partsOf(after)];
      const draft = drafter(after, livemode);
      return [
        ...rootUpdate(draft, was, is),
        ...PARTS.filter((part) => differs(was[part], is[part])).map((part) => draft(`v2.core.account[${part}].updated`, { include: part })),
        ...statusUpdates(draft, before, after),
      ];
    },
  };
}

/** The events for a new account: its creation, and each part that it has. */
export function accountCreated(livemode: boolean, made: AccountWorld): PlatformDrafts {
  return {
    account: made.row,
    drafts() {
      const is = partsOf(made);
      const draft = drafter(made, livemode);
      return [
        draft("v2.core.account.created"),
        ...PARTS.filter((part) => differs({}, is[part])).map((part) => draft(`v2.core.account[${part}].updated`, { include: part })),
        ...statusUpdates(draft, null, made),
      ];
    },
  };
}

/** The event for an account that was closed, while its platforms can still receive it. */
export function accountClosed(livemode: boolean, row: AccountRow): PlatformDrafts {
  return { account: row, drafts: () => [drafter({ row, state: readAccountState(row.data) }, livemode)("v2.core.account.closed")] };
}

interface About {
  /** The part that the event is about, which the related object then includes. */
  include?: Include;
  data?: JsonObject;
  /** Whether only the platform that created the account sees what happened. */
  forCreator?: boolean;
}

type Drafter = (type: ThinEventType, about?: About) => ThinDraft;

function drafter({ row, state }: Pick<AccountWorld, "row" | "state">, livemode: boolean): Drafter {
  return (type, { include, data, forCreator = include === "configuration.customer" } = {}) => {
    const url = `/v2/core/accounts/${row.id}${include === undefined ? "" : `?include=${include}`}`;
    return {
      thin: true,
      type,
      account: row,
      livemode,
      related: { id: row.id, type: "v2.core.account", url },
      ...(data === undefined ? {} : { data }),
      onPlatforms: ({ platformId }) => !forCreator || platformId === state.createdBy,
    };
  };
}

interface Parts extends Readonly<Record<(typeof PARTS)[number], JsonObject>> {
  /** What every answer shows to the platform that created the account. */
  root: JsonObject;
  rootForOthers: JsonObject;
}

/** What v2 shows of each part, without statuses of capabilities and the time of a person's last change. */
function partsOf(world: AccountWorld): Parts {
  const { root, included } = v2Account(world, { full: true, creator: true, closed: false });
  const { individual, ...identity } = hashOf(included.identity);
  const { updated: _, ...person } = hashOf(individual);
  return {
    root,
    rootForOthers: { ...root, applied_configurations: appliedConfigurations(world, false) },
    identity: { ...identity, individual: person },
    defaults: hashOf(included.defaults),
    "configuration.customer": settingsOf(world, "customer", included["configuration.customer"]),
    "configuration.merchant": settingsOf(world, "merchant", included["configuration.merchant"]),
    "configuration.recipient": settingsOf(world, "recipient", included["configuration.recipient"]),
    requirements: hashOf(included.requirements),
    future_requirements: hashOf(included.future_requirements),
  };
}

function rootUpdate(draft: Drafter, was: Parts, is: Parts): ThinDraft[] {
  if (!differs(was.root, is.root)) return [];
  return [draft("v2.core.account.updated", { forCreator: !differs(was.rootForOthers, is.rootForOthers) })];
}

function settingsOf(world: AccountWorld, configuration: Configuration, shown: JsonObject | null): JsonObject {
  if (shown === null) return {};
  const names = shown.applied === true ? [...capabilityStatuses(world, configuration).keys()] : [];
  return { ...shown, capabilities: names };
}

function statusUpdates(draft: Drafter, before: AccountWorld | null, after: AccountWorld): ThinDraft[] {
  return CONFIGURATIONS.flatMap((configuration) => {
    const include: Include = `configuration.${configuration}`;
    const was = before === null ? null : statusesOf(before, configuration);
    return [...statusesOf(after, configuration)]
      .filter(([name, { status }]) => was?.get(name)?.status !== status)
      .map(([name]) => draft(`v2.core.account[${include}].capability_status_updated`, { include, data: { updated_capability: name } }));
  });
}

/** The statuses of a configuration's capabilities; none while it is not applied. */
function statusesOf(world: AccountWorld, configuration: Configuration) {
  return isApplied(world, configuration) ? capabilityStatuses(world, configuration) : new Map<string, CapabilityStatus>();
}

/** Whether two values differ. An empty list and an empty hash count as nothing. */
function differs(was: JsonObject, is: JsonObject): boolean {
  return previousAttributes(withoutEmpty(was), withoutEmpty(is)) !== null;
}

function withoutEmpty(part: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(part).filter(([, value]) => typeof value !== "object" || value === null || Object.keys(value).length > 0),
  );
}
