import { operatorCalls } from "../../packages/server/src/console/operator-calls.ts";
import type { DocumentTable } from "./table.ts";

const code = (text: string): string => `\`${text}\``;

/** The operator's calls, with their parameters. */
export function operatorTables(): DocumentTable[] {
  return [
    {
      file: "docs/operating.md",
      name: "operator calls",
      heads: ["Method", "Path", "Parameters", "Over HTTP"],
      rows: operatorCalls.map(({ method, path, params, localOnly }) => [
        code(method),
        code(path),
        Object.keys(params.properties)
          .filter((name) => name !== "expand")
          .map(code)
          .join(", "),
        localOnly === true ? "no" : "yes",
      ]),
    },
  ];
}
