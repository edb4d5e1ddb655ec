import type { V2Account } from "../api/answers.ts";
import type { Tone } from "../design/state.tsx";

/** A capability of a configuration. */
export interface ConfiguredCapability {
  /** Its full name, with the names of its groups: `stripe_balance.payouts`. */
  name: string;
  status: string;
  tone: Tone;
  /** Why it is not active, in words; null when no reason is known. */
  why: string | null;
}

/** A configuration of an account: what the account is used as. */
export interface ConfigurationShown {
  name: "customer" | "merchant" | "recipient";
  isApplied: boolean;
  capabilities: readonly ConfiguredCapability[];
}

/** A capability, or a group of capabilities by name. */
type Capabilities = { readonly [name: string]: Capabilities | Status | undefined };
type Status = { readonly status: string; readonly status_details: readonly { code: string }[] };

const TONES: Readonly<Record<string, Tone>> = { active: "good", pending: "waiting", restricted: "bad", rejected: "bad" };

/** The configurations that an account has or had, with their capabilities. */
export function configurationsOf({ configuration }: Pick<V2Account, "configuration">): ConfigurationShown[] {
  return (["merchant", "recipient", "customer"] as const).flatMap((name) => {
    const one = configuration?.[name];
    if (one == null) return [];
    return [{ name, isApplied: one.applied, capabilities: capabilitiesOf((one.capabilities ?? {}) as unknown as Capabilities) }];
  });
}

function capabilitiesOf(group: Capabilities, above = ""): ConfiguredCapability[] {
  return Object.entries(group).flatMap(([part, value]) => {
    if (value == null) return [];
    const name = above + part;
    if (!isStatus(value)) return capabilitiesOf(value, `${name}.`);
    const { status, status_details: details } = value;
    const why = details.length === 0 ? null : [...new Set(details.map(({ code }) => WHY[code] ?? code.replaceAll("_", " ")))].join(", ");
    return [{ name, status, tone: TONES[status] ?? "quiet", why: status === "active" ? null : why }];
  });
}

const isStatus = (value: Capabilities | Status): value is Status => typeof value.status === "string";

/** The meaning of the codes of `status_details`. Source: https://docs.stripe.com/api/v2/core/accounts/object */
const WHY: Readonly<Record<string, string>> = {
  determining_status: "it is under review",
  requirements_past_due: "something that it needs is past due",
  requirements_pending_verification: "what was submitted is being verified",
  restricted_other: "it is restricted for another reason",
};
