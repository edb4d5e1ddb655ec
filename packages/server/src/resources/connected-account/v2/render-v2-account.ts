import { asJson } from "../../../operations/as-json.ts";
import { hashOf, isHash } from "../../../operations/merge-change.ts";
import type { JsonObject } from "../../../store/contract/rows.ts";
import { derivedName } from "../rendering/render-account.ts";
import { renderAccountPerson } from "../rendering/render-account-person.ts";
import { individualOf } from "../requirements/required-fields.ts";
import type { AccountWorld } from "../state/account-world.ts";
import { defaultCurrencyOf } from "../state/default-currency.ts";
import type { Person } from "../state/person-state.ts";
import { ACCOUNT_CORRESPONDENCES, ONLY_IN_V2 } from "./account-correspondences.ts";
import { businessNumbersInV2 } from "./business-id-numbers.ts";
import { appliedConfigurations, isApplied } from "./configurations.ts";
import { inV2 } from "./correspondence.ts";
import { customerConfiguration } from "./customer-configuration.ts";
import { renderCapabilities } from "./render-capabilities.ts";
import { renderFutureRequirements, renderRequirements } from "./render-requirements.ts";
import { renderResponsibilities } from "./responsibilities.ts";

/** The parts that an answer includes only on request. */
export const INCLUDES = [
  "configuration.customer",
  "configuration.merchant",
  "configuration.recipient",
  "defaults",
  "future_requirements",
  "identity",
  "requirements",
] as const;

export type Include = (typeof INCLUDES)[number];

/** An account in v2, part by part. */
export interface V2Account {
  /** The parts of every answer. */
  root: JsonObject;
  /** Null where a configuration has never been applied. */
  included: Readonly<Record<Include, JsonObject | null>>;
}

/** Who is looking at an account, and in which state. */
export interface V2View {
  /** Whether the viewer may see who is behind the account, as in v1. */
  full: boolean;
  /**
   * Whether the viewer may see the customer that the account is. Only the platform that created it may, in its mode.
   */
  creator: boolean;
  closed: boolean;
}

/** An account in v2. Pure. Source: https://docs.stripe.com/api/v2/core/accounts/object */
export function v2Account(world: AccountWorld, { full, creator, closed }: V2View): V2Account {
  const { row, state } = world;
  const shown = inV2(ACCOUNT_CORRESPONDENCES, ONLY_IN_V2, state.given);
  return {
    root: {
      id: row.id,
      object: "v2.core.account",
      applied_configurations: appliedConfigurations(world, creator),
      closed,
      contact_email: shown.contact_email ?? null,
      contact_phone: shown.contact_phone ?? null,
      created: new Date(row.created).toISOString(),
      dashboard: state.configured.responsible ? state.controller.dashboard : null,
      display_name: shown.display_name ?? derivedName(state.given),
      livemode: state.livemode,
      metadata: shown.metadata ?? {},
    },
    included: {
      "configuration.customer": creator ? customer(world) : null,
      "configuration.merchant": configuration(world, "merchant", hashOf(hashOf(shown.configuration).merchant)),
      "configuration.recipient": configuration(world, "recipient", {}),
      defaults: defaults(world, hashOf(shown.defaults)),
      future_requirements: renderFutureRequirements(world),
      identity: identity(world, hashOf(shown.identity), full),
      requirements: renderRequirements(world),
    },
  };
}

/** The account as an answer shows it. Parts that are not included are null. */
export function withIncluded({ root, included }: V2Account, include: readonly Include[]): JsonObject {
  const part = (name: Include) => (include.includes(name) ? included[name] : null);
  const { id, object, applied_configurations, closed, ...rest } = root;
  return {
    ...(id === undefined ? {} : { id }),
    ...(object === undefined ? {} : { object }),
    ...(applied_configurations === undefined ? {} : { applied_configurations }),
    ...(closed === undefined ? {} : { closed }),
    configuration: include.some((name) => name.startsWith("configuration."))
      ? {
          customer: part("configuration.customer"),
          merchant: part("configuration.merchant"),
          recipient: part("configuration.recipient"),
        }
      : null,
    ...rest,
    defaults: part("defaults"),
    future_requirements: part("future_requirements"),
    identity: part("identity"),
    requirements: part("requirements"),
  };
}

const MERCHANT_UNGIVEN = {
  bacs_debit_payments: null,
  branding: null,
  card_payments: null,
  konbini_payments: null,
  mcc: null,
  script_statement_descriptor: null,
  sepa_debit_payments: null,
  statement_descriptor: null,
  support: null,
};

function configuration(world: AccountWorld, name: "merchant" | "recipient", shown: JsonObject): JsonObject | null {
  const applied = isApplied(world, name);
  if (!applied && world.state.configured.applied[name] === undefined) return null;
  return {
    applied,
    ...(name === "merchant" ? { ...MERCHANT_UNGIVEN, ...shown } : {}),
    capabilities: applied ? renderCapabilities(world, name) : null,
  };
}

function customer(world: AccountWorld): JsonObject | null {
  const shown = customerConfiguration(world);
  return shown === null ? null : { ...shown, capabilities: shown.applied === true ? renderCapabilities(world, "customer") : null };
}

function defaults({ state }: AccountWorld, { locales, profile }: JsonObject): JsonObject {
  const { configured, controller } = state;
  return {
    currency: defaultCurrencyOf(state),
    locales: locales ?? null,
    payout_methods: null,
    profile: isHash(profile) ? { business_url: null, doing_business_as: null, product_description: null, ...profile } : null,
    responsibilities: configured.responsible
      ? { ...renderResponsibilities(controller) }
      : { fees_collector: null, losses_collector: null, requirements_collector: controller.requirementCollection },
  };
}

function identity(world: AccountWorld, shown: JsonObject, full: boolean): JsonObject {
  const { country, given } = world.state;
  const known = { country: country.toLowerCase(), entity_type: shown.entity_type ?? null };
  if (!full) return { attestations: null, business_details: null, ...known, individual: null };
  const { documents, ...details } = hashOf(shown.business_details);
  const shownDocuments = withoutEmpty(hashOf(documents));
  const numbers = businessNumbersInV2(hashOf(given.company), country);
  const business = {
    ...details,
    ...(Object.keys(shownDocuments).length === 0 ? {} : { documents: shownDocuments }),
    ...(numbers.length === 0 ? {} : { id_numbers: numbers }),
  };
  const individual = individualOf(world);
  return {
    attestations: shown.attestations ?? null,
    business_details: Object.keys(business).length === 0 ? null : business,
    ...known,
    individual: individual === undefined ? null : individualOfIdentity(individual, country),
  };
}

/** An account's individual: the person, whose mode is that of the account. */
function individualOfIdentity(person: Person, country: string): JsonObject {
  const { livemode: _, ...individual } = renderAccountPerson(person, country);
  return asJson(individual);
}

/** The documents that have a file. */
function withoutEmpty(documents: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(documents).filter(([, document]) => {
      const { files, front_back } = hashOf(document);
      return Array.isArray(files) ? files.length > 0 : typeof hashOf(front_back).front === "string";
    }),
  );
}
