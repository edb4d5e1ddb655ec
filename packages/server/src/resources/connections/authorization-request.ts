import { OAuthError } from "@carabiner/protocol";
import type { ApplicationRow, Json, Scope } from "../../store/contract/rows.ts";
import type { Reads } from "../../store/contract/transaction.ts";

/** A platform's request to a user, as the link to the consent page contains it. */
export interface AuthorizationRequest {
  application: ApplicationRow;
  scope: Scope;
  /** Where the user returns to: one of the application's redirect URIs. */
  redirectUri: string;
  /** The state that the platform wants returned. */
  state: string | null;
  /** Whether the user is expected to have an account. */
  landing: "login" | "register";
}

/** Query values, which are not validated yet. */
export type Query = Readonly<Record<string, Json | undefined>>;

/**
 * Parses a link to the consent page. Ignores unknown parameters, since browsers and campaigns add to links. `express`:
 * the link is for Express accounts. Published code often sends these without `response_type`. Throws `OAuthError`.
 * Source: https://docs.stripe.com/connect/oauth-reference (GET /oauth/authorize)
 */
export async function readAuthorizationRequest(reads: Reads, query: Query, express: boolean): Promise<AuthorizationRequest> {
  const clientId = text(query.client_id);
  if (clientId === undefined) throw new OAuthError("client_id_missing");
  const application = await reads.applicationById(clientId);
  if (application === null) throw new OAuthError("client_id_unknown");
  const responseType = text(query.response_type) ?? (express ? "code" : undefined);
  if (responseType === undefined) throw new OAuthError("response_type_missing");
  if (responseType !== "code") throw new OAuthError("response_type_unsupported", { value: responseType.slice(0, 64) });
  const scope = readScope(query.scope) ?? "read_only";
  const asked = text(query.redirect_uri);
  const redirectUri = asked ?? application.redirectUris[0];
  if (redirectUri === undefined) throw new OAuthError("redirect_uri_none");
  if (!application.redirectUris.includes(redirectUri)) throw new OAuthError("redirect_uri_invalid", { value: redirectUri.slice(0, 200) });
  const landing = text(query.stripe_landing);
  return {
    application,
    scope,
    redirectUri,
    state: text(query.state) ?? null,
    landing: landing === "login" || landing === "register" ? landing : scope === "read_only" ? "login" : "register",
  };
}

/** Parses an optional scope. Throws `scope_invalid`. */
export function readScope(value: Json | undefined): Scope | undefined {
  const scope = text(value);
  if (scope === undefined || scope === "read_write" || scope === "read_only") return scope;
  throw new OAuthError("scope_invalid", { value: scope.slice(0, 64) });
}

/** The URL that returns the user with an answer. It keeps the existing query. */
export function redirectWith(redirectUri: string, answer: Readonly<Record<string, string | null>>): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) if (value !== null) url.searchParams.set(name, value);
  return url.href;
}

const text = (value: Json | undefined): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
