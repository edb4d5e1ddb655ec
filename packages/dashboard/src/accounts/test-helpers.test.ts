import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Account } from "../api/answers.ts";
import { helpersFor } from "./test-helpers.tsx";

/** Test helpers without a button: they make platforms and keys, for tests that begin with a new platform. */
const WITHOUT_BUTTON = ["/v1/test_helpers/accounts/:account/keys", "/v1/test_helpers/platforms"];

const SOURCE = join(import.meta.dirname, "..");

/** Calls of test helpers in the sources of pages, with the helpers for accounts in the place of their name. */
function called(): Set<string> {
  const texts = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".tsx"))
    .map((name) => readFileSync(join(SOURCE, name), "utf8"));
  const paths = texts.flatMap((text) => [...text.matchAll(/[`"](\/v1\/test_helpers\/[^`"]+)[`"]/g)].map(([, path = ""]) => path));
  return new Set(
    paths.flatMap((path) => {
      if (/\/accounts\/.*helper\.name/.test(path))
        return helpersFor({} as Account).map(({ name }) => `/v1/test_helpers/accounts/:account/${name}`);
      if (/\{verb\}$/.test(path)) return ["freeze", "release"].map((verb) => path.replace(/\$\{verb\}$/, verb));
      return [path.replace(/\$\{payout\.id\}/, ":payout")];
    }),
  );
}

test("every documented test helper has a button that calls it", () => {
  const document = readFileSync(join(SOURCE, "../../../docs/routes.md"), "utf8");
  const documented = [...document.matchAll(/^\| `POST` \| `(\/v1\/test_helpers\/[^`]+)`/gm)].map(([, path = ""]) => path);
  expect(documented.length).toBeGreaterThan(10);
  const buttons = called();
  expect(documented.filter((path) => !buttons.has(path)).sort()).toEqual(WITHOUT_BUTTON);
});
