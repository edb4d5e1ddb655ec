import { API_VERSIONS, apiError } from "@carabiner/protocol";
import { defaultVersion } from "../api/api-version.ts";
import { browserUrl } from "../operations/browser-url.ts";
import { type OperationContext, operation, type Resource } from "../operations/operation.ts";
import { choice, clearableList, optional, params, text } from "../operations/parameters.ts";
import { testHelper } from "../operations/test-helper.ts";
import { accessibleAccount, actingApplication } from "../resources/access/accessible-account.ts";
import { disconnect } from "../resources/account-changes/disconnect.ts";
import { connectionIn, mayDisconnect } from "../resources/connections/deauthorize.ts";
import type { AccountRow, ApplicationRow, JsonObject } from "../store/contract/rows.ts";

/**
 * What Stripe offers only in its Dashboard: for an application, and to a user for the applications connected to their
 * account.
 */
export const applications: Resource = {
  object: "application",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/console/application",
      params: params({}),
      run: async (context) => applicationAnswer(await ownApplication(context), context.account),
    }),
    operation({
      method: "POST",
      path: "/console/application",
      params: params({
        /** The platform's default version, in both modes, for answers and events that do not name another. */
        api_version: optional(choice(API_VERSIONS)),
        /** What its connected accounts see. */
        name: optional(text(200)),
        /** Where the consent page may return users to; the first by default. */
        redirect_uris: optional(clearableList(text(), "redirectUris")),
      }),
      async run(context, given) {
        const before = await ownApplication(context);
        const redirectUris = given.redirect_uris === undefined ? before.redirectUris : [...new Set(given.redirect_uris)];
        for (const [index, uri] of redirectUris.entries()) checkRedirectUri(uri, context.livemode, `redirect_uris[${index}]`);
        const after: ApplicationRow = { ...before, name: given.name ?? before.name, redirectUris };
        await context.tx.updateApplication(after);
        const account = { ...context.account, apiVersion: given.api_version ?? context.account.apiVersion };
        if (given.api_version !== undefined) await context.tx.updateAccount(account);
        return applicationAnswer(after, account);
      },
    }),
    testHelper({
      method: "POST",
      path: "/v1/test_helpers/accounts/:account/deauthorize",
      ownKeysOnly: true,
      params: params({}),
      async run(context, _, path) {
        const account = await accessibleAccount(context, path.account ?? "");
        const application = await ownApplication(context);
        const connection = await connectionIn(context, application, account);
        const refuse = (reason: string) => apiError("account_deauthorize_refused", { reason });
        if (account.id === context.account.id) throw refuse("it is your own");
        if (connection === undefined) throw refuse("it is connected in live mode alone, and a test mode key was used");
        if (!mayDisconnect(account, connection))
          throw refuse("it is controlled by your platform, and its user has no Dashboard to do it in");
        await disconnect(context, account, connection);
        return { object: "test_helpers.deauthorization", account: account.id, application: application.id, livemode: application.livemode };
      },
    }),
  ],
};

async function ownApplication(context: OperationContext): Promise<ApplicationRow> {
  const application = await actingApplication(context);
  if (application === null) throw apiError("platform_account_required");
  return application;
}

function applicationAnswer({ id, livemode, name, redirectUris }: ApplicationRow, { apiVersion }: AccountRow): JsonObject {
  return { id, object: "application", api_version: defaultVersion(apiVersion), livemode, name, redirect_uris: redirectUris };
}

/** Redirect URIs are compared character by character, so each must be a valid URI; a live one must be https. */
function checkRedirectUri(uri: string, livemode: boolean, param: string): void {
  const url = browserUrl(uri);
  if (url === null || url.hash !== "" || url.username !== "" || url.password !== "") throw apiError("url_invalid", { param });
  if (url.protocol !== "https:" && (livemode || url.protocol !== "http:"))
    throw apiError("redirect_uri_https_required", { url: uri, param });
}
