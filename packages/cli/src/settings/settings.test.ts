import { readFileSync } from "node:fs";
import { DEFAULT_RETRY_POLICY, RETRY_POLICIES as OF_SERVER } from "@carabiner/server";
import { parseSync } from "oxc-parser";
import { expect, test } from "vitest";
import { NOT_SETTINGS, RETRY_POLICIES, ROLES, SETTINGS } from "./settings.ts";

/** The members of an interface of `CarabinerOptions`'s file. */
function members(name: string): string[] {
  const path = new URL("../../../server/src/carabiner-options.ts", import.meta.url);
  for (const statement of parseSync("options.ts", readFileSync(path, "utf8")).program.body) {
    const declared = statement.type === "ExportNamedDeclaration" ? statement.declaration : null;
    if (declared?.type !== "TSInterfaceDeclaration" || declared.id.name !== name) continue;
    return declared.body.body.flatMap((member) =>
      member.type === "TSPropertySignature" && member.key.type === "Identifier" ? [member.key.name] : [],
    );
  }
  throw new Error(`no interface ${name}`);
}

const options = SETTINGS.map(({ option }) => option);

test("every option of startCarabiner is a setting, or has a reason not to be", () => {
  expect([...new Set(options.map((option) => option.split(".")[0])), ...Object.keys(NOT_SETTINGS)].sort()).toEqual(
    members("CarabinerOptions").sort(),
  );
  expect(
    options
      .filter((option) => option.startsWith("egress."))
      .map((option) => option.slice("egress.".length))
      .sort(),
  ).toEqual(members("Egress").sort());
});

test("no flag, variable or option is there twice, apart from the limits, which several flags set", () => {
  const flags = SETTINGS.flatMap((setting) => (setting.flags === null ? [] : [setting.flags]));
  const variables = SETTINGS.flatMap(({ variable }) => (variable === null ? [] : [variable]));
  const rest = options.filter((option) => option !== "limits");
  for (const list of [flags, variables, rest]) expect(list).toEqual([...new Set(list)]);
});

test("a variable is named as its flag is", () => {
  const expected = SETTINGS.flatMap(({ flags, variable }) =>
    flags === null || variable === null
      ? []
      : [
          `CARABINER_${flags
            .replace(/^--(?:no-)?/, "")
            .replace(/ .*/, "")
            .replaceAll("-", "_")
            .toUpperCase()}`,
        ],
  );
  const older = new Map([
    ["CARABINER_DATABASE", "CARABINER_DATABASE_URL"],
    ["CARABINER_WEBHOOK_SECRET_FILE", "CARABINER_WEBHOOK_SECRET"],
  ]);
  const variables = SETTINGS.flatMap(({ flags, variable }) => (flags === null || variable === null ? [] : [variable]));
  expect(variables).toEqual(expected.map((name) => older.get(name) ?? name));
});

test("the retry policies to choose from are the server's, its default first", () => {
  expect([...RETRY_POLICIES].sort()).toEqual(Object.keys(OF_SERVER).sort());
  expect(RETRY_POLICIES[0]).toBe(DEFAULT_RETRY_POLICY);
  const options = readFileSync(new URL("../../../server/src/carabiner-options.ts", import.meta.url), "utf8");
  expect(ROLES).toEqual(JSON.parse(/ROLES: readonly NodeRole\[\] = (\[.*\]);/.exec(options)?.[1] ?? "null"));
});
