import { apiError } from "@carabiner/protocol";
import { hashOf } from "../../operations/merge-change.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import type { AccountState } from "../connected-account/state/account-state.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import type { Configured } from "../connected-account/state/configured.ts";
import type { ControllerProperties } from "../connected-account/state/controller-properties.ts";
import { currencyOf } from "../connected-account/state/countries.ts";
import { CONFIGURATIONS, type Configuration, NAMED_CAPABILITIES, OUTBOUND_CAPABILITIES } from "../connected-account/v2/capability-names.ts";
import { isApplied } from "../connected-account/v2/configurations.ts";
import { BESIDE } from "../connected-account/v2/correspondence.ts";
import { INDIRECT_TAX } from "../connected-account/v2/customer-configuration.ts";
import { givenAt } from "../connected-account/v2/path.ts";
import { controllerOf, type ResponsibilitiesAsked, renderResponsibilities } from "../connected-account/v2/responsibilities.ts";
import type { V2AccountTold } from "./change-in-v1.ts";

/** The responsibilities if nothing was chosen: the platform's, as for recipients of its payouts. */
const BY_PLATFORM: ResponsibilitiesAsked = { fees_collector: "application", losses_collector: "application" };

/** The initial controller properties of an account that v2 creates. */
export const UNCHOSEN: ControllerProperties = controllerOf(BY_PLATFORM, "none");

/**
 * The state of an account after the decisions that only v2 makes: its configurations, responsibilities, dashboard and
 * country. Pure. Throws for responsibilities that are missing, contradict each other or cannot be changed, for a
 * dashboard or country that cannot be changed, for a country that is not supported, and for capabilities requested of a
 * configuration that is deactivated.
 */
export function configure(world: AccountWorld, told: V2AccountTold): AccountState {
  const { state } = world;
  const applied: Record<string, boolean> = { ...state.configured.applied };
  for (const name of CONFIGURATIONS) {
    const asked = told.configuration?.[name];
    if (asked === undefined) continue;
    if (asked.applied === false) refuseRequests(told, name);
    applied[name] = asked.applied ?? true;
  }
  const { controller, responsible } = responsibilities(world, told, applied);
  const configured: Configured = { ...state.configured, applied, responsible };
  return { ...state, controller, configured, country: countryOf(world, told) };
}

function responsibilities(
  { row, state }: AccountWorld,
  told: V2AccountTold,
  applied: Configured["applied"],
): { controller: ControllerProperties; responsible: boolean } {
  const { controller, configured } = state;
  const asked = told.defaults?.responsibilities;
  if (configured.responsible) {
    const { fees_collector: fees, losses_collector: losses } = renderResponsibilities(controller);
    if (asked !== undefined && (asked.fees_collector !== fees || asked.losses_collector !== losses))
      throw apiError("account_responsibilities_fixed", { account: row.id, param: "defaults[responsibilities]" });
    return { controller: withDashboard(row.id, state, told.dashboard), responsible: true };
  }
  if (asked === undefined && applied.merchant === true)
    throw apiError("account_responsibilities_missing", { param: "defaults[responsibilities]" });
  if (asked !== undefined) return { controller: chosen(asked, told.dashboard ?? usualDashboard(asked)), responsible: true };
  return { controller: controllerOf(BY_PLATFORM, told.dashboard ?? controller.dashboard), responsible: applied.recipient === true };
}

/** The dashboard of an account if the call does not name one. */
function usualDashboard({ losses_collector }: ResponsibilitiesAsked): ControllerProperties["dashboard"] {
  return losses_collector === "stripe" ? "full" : "none";
}

/** The controller properties of responsibilities and a dashboard, which may contradict each other. */
function chosen(asked: ResponsibilitiesAsked, dashboard: ControllerProperties["dashboard"]): ControllerProperties {
  const [paid, borne] = [asked.fees_collector !== "stripe", asked.losses_collector === "application"];
  const refuse = (reason: string, param: string) => apiError("controller_unsupported", { reason, param });
  if (borne && !paid)
    throw refuse(
      "If losses_collector is application, fees_collector must also be application.",
      "defaults[responsibilities][fees_collector]",
    );
  if (dashboard === "express" && paid !== borne)
    throw refuse(
      "If dashboard is express, fees_collector must be application and losses_collector must be application.",
      "defaults[responsibilities][losses_collector]",
    );
  if (dashboard === "full" && borne)
    throw refuse("If dashboard is full, losses_collector must be stripe.", "defaults[responsibilities][losses_collector]");
  return controllerOf(asked, dashboard);
}

function withDashboard(
  account: string,
  { type, controller }: AccountState,
  dashboard: ControllerProperties["dashboard"] | undefined,
): ControllerProperties {
  if (dashboard === undefined || dashboard === controller.dashboard) return controller;
  if (type !== "none") throw apiError("account_dashboard_fixed", { account, param: "dashboard" });
  const { fees_collector, losses_collector } = renderResponsibilities(controller);
  return chosen({ fees_collector: fees_collector ?? "stripe", losses_collector: losses_collector ?? "stripe" }, dashboard);
}

function countryOf(world: AccountWorld, { identity }: V2AccountTold): string {
  const { row, state } = world;
  const country = identity?.country?.toUpperCase() ?? state.country;
  if (country === state.country) return country;
  const param = "identity[country]";
  if (currencyOf(country) === undefined) throw apiError("country_unsupported", { value: country, param });
  if (!state.configured.made) throw apiError("account_country_of_v1_fixed", { account: row.id, param });
  if (isApplied(world, "merchant") || isApplied(world, "recipient")) throw apiError("account_country_fixed", { account: row.id, param });
  return country;
}

/** Whether a call deactivates a configuration. */
function isDeactivated({ configuration }: V2AccountTold, name: Configuration): boolean {
  return configuration?.[name]?.applied === false;
}

/** One call cannot both deactivate a configuration and request its capabilities. */
function refuseRequests({ configuration }: V2AccountTold, name: Configuration): void {
  const path = `configuration[${name}]`;
  const capabilities = hashOf(configuration?.[name]?.capabilities as JsonObject | undefined);
  const named = NAMED_CAPABILITIES.filter((one) => one.configuration === name).map(({ v2 }): string => v2);
  const others = { customer: [INDIRECT_TAX], merchant: [], recipient: OUTBOUND_CAPABILITIES };
  const known = [...named, ...others[name]];
  if (known.some((capability) => givenAt(capabilities, `${capability}.requested`) === true))
    throw apiError("parameters_exclusive", { param: `${path}[capabilities]`, other: `${path}[applied]` });
}

/**
 * The world without requested capabilities in deactivated configurations. Their other data stays, and so does the data
 * of the other configurations.
 */
export function withoutDeactivated(world: AccountWorld, told: V2AccountTold): AccountWorld {
  const gone = (["merchant", "recipient"] as const).filter((name) => isDeactivated(told, name));
  if (gone.length === 0) return world;
  const { state } = world;
  const capabilities: JsonObject = {};
  for (const { v1, configuration } of NAMED_CAPABILITIES)
    if (gone.some((name) => name === configuration) && hashOf(hashOf(state.given.capabilities)[v1]).requested === true)
      capabilities[v1] = { requested: false };
  const given: JsonObject = { ...state.given, capabilities: { ...hashOf(state.given.capabilities), ...capabilities } };
  if (gone.includes("recipient")) given[BESIDE] = { ...hashOf(given[BESIDE]), outbound: {} };
  return { ...world, state: { ...state, given } };
}
