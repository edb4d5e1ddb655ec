import { ACCOUNT_CORRESPONDENCES, ONLY_IN_V2 } from "../../packages/server/src/resources/connected-account/v2/account-correspondences.ts";
import { NAMED_CAPABILITIES } from "../../packages/server/src/resources/connected-account/v2/capability-names.ts";
import { CUSTOMER_CORRESPONDENCES } from "../../packages/server/src/resources/connected-account/v2/customer-configuration.ts";
import type { DocumentTable } from "./table.ts";

/** Paths of the customer configuration that the stored customer has but v1 has no field for. */
const KEPT: ReadonlySet<string> = new Set(["automatic_indirect_tax.ip_address"]);

const code = (text: string): string => `\`${text}\``;

/** The tables of `docs/accounts-v2.md`: the names of an account's parts in both APIs. */
export function v2AccountTables(): DocumentTable[] {
  const rows = [
    ...ACCOUNT_CORRESPONDENCES.map(({ v1, v2 }) => [v2, typeof v1 === "string" ? [v1] : v1] as const),
    ...NAMED_CAPABILITIES.filter(({ v1, v2 }) => v1 !== v2).map(
      ({ configuration, v1, v2 }) => [`configuration.${configuration}.capabilities.${v2}`, [`capabilities.${v1}`]] as const,
    ),
    ...ONLY_IN_V2.map((v2) => [v2, []] as const),
  ];
  return [
    {
      file: "docs/accounts-v2.md",
      name: "correspondences",
      heads: ["In v2", "In v1"],
      rows: rows
        .map(([v2, v1]) => [code(v2), v1.length === 0 ? "–" : v1.map(code).join(", ")])
        .sort(([one = ""], [other = ""]) => (one < other ? -1 : 1)),
    },
    {
      file: "docs/accounts-v2.md",
      name: "customer correspondences",
      heads: ["In v2", "Of the customer in v1"],
      rows: CUSTOMER_CORRESPONDENCES.map(({ v1, v2 }) => [code(v2), KEPT.has(v2) ? "–" : code(String(v1))]),
    },
  ];
}
