import { apiError } from "@carabiner/protocol";
import type { Limits } from "../limits.ts";
import { type OperatorCall, operatorCall } from "../operations/operator-call.ts";
import { pageAsked } from "../operations/page-asked.ts";
import { listAnswer, optional, pageProperties, params, text } from "../operations/parameters.ts";
import { createPlatform } from "../resources/platforms/create-platform.ts";
import { randomKeys } from "../resources/platforms/issue-keys.ts";
import { platformRefusal } from "../resources/platforms/platform-refusal.ts";
import type { AccountRow, JsonObject } from "../store/contract/rows.ts";
import type { Reads } from "../store/contract/transaction.ts";
import { platformAnswer, platformProperties, updatePlatform } from "./update-platform.ts";

const name = text(200);
const country = text(2);
const mcc = text(4);

/** The platforms of a server. */
export const operatorPlatforms: readonly OperatorCall[] = [
  operatorCall({
    method: "GET",
    path: "/operator/platforms",
    params: params(pageProperties),
    run: ({ store, limits }, page) => store.read((reads) => listPlatforms(reads, "/operator/platforms", page, limits)),
  }),
  operatorCall({
    method: "POST",
    path: "/operator/platforms",
    params: params({ api_version: optional(text(40)), country: optional(country), default_mcc: optional(mcc), name }),
    async run({ store, by, from, now, ids, limits }, { name, country = "US", default_mcc: defaultMcc, api_version: apiVersion }) {
      const asked = { name, country, defaultMcc, apiVersion };
      const refusal = platformRefusal(asked);
      if (refusal !== null) throw refusal;
      return store.transaction(async (tx) => {
        const { account, keys } = await createPlatform(tx, { ...asked, keys: randomKeys(ids) }, { now, ids, limits });
        await tx.insertAudit({
          at: now,
          act: "platform.created",
          accountId: account,
          subject: account,
          by,
          from,
          detail: { name, country },
        });
        return {
          ...(await platformAnswer(tx, await platformNamed(tx, account), limits)),
          keys: { test: { ...keys.test }, live: { ...keys.live } },
        };
      });
    },
  }),
  operatorCall({
    method: "GET",
    path: "/operator/platforms/:platform",
    params: params({}),
    run: ({ store, limits }, _, path) =>
      store.read(async (reads) => platformAnswer(reads, await platformNamed(reads, path.platform ?? ""), limits)),
  }),
  operatorCall({
    method: "POST",
    path: "/operator/platforms/:platform",
    params: params(platformProperties),
    run: ({ store, by, from, now, limits }, given, { platform = "" }) =>
      store.transaction(async (tx) => updatePlatform(tx, await platformNamed(tx, platform), given, { now, limits, by, from })),
  }),
];

/** A list of the platforms of a server, at `url`. Throws what `pageAsked` throws. */
export async function listPlatforms(
  reads: Reads,
  url: string,
  page: Parameters<typeof pageAsked>[0],
  limits: Limits,
): Promise<ReturnType<typeof listAnswer>> {
  const knows = async (id: string) => (await reads.account(id)) !== null;
  const { rows, hasMore } = await reads.platforms(await pageAsked(page, limits, { name: "platform", knows }));
  const data: JsonObject[] = [];
  for (const row of rows) data.push(await platformAnswer(reads, row, limits));
  return listAnswer(url, data, hasMore);
}

/** A platform's account. Throws `resource_missing` when there is no such platform. */
export async function platformNamed(reads: Reads, id: string): Promise<AccountRow> {
  const row = await reads.account(id);
  if (row === null || row.deleted || (await reads.application(id, false)) === null)
    throw apiError("resource_missing", { object: "platform", id, param: "platform" });
  return row;
}
