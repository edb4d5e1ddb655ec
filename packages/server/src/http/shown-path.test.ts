import { expect, test } from "vitest";
import { createShownPath } from "./shown-path.ts";

const paths = createShownPath();
for (const route of ["/v1/accounts", "/v1/accounts/:account/persons/:person", "/setup/:kind/:account/:secret"]) paths.learn(route);

test("a route is shown by its form", () => {
  expect(paths.show("/setup/e/acct_1/SECRET", "/setup/:kind/:account/:secret")).toBe("/setup/:kind/:account/:secret");
});

test.each([
  ["/setup/e/acct_1/SECRET/", "/setup/*/*/*/"],
  ["/SETUP/e/acct_1/SECRET", "/*/*/*/*"],
  ["/setup//e//SECRET", "/setup//*//*"],
  ["/v1/accounts/acct_1/persons/SECRET/x", "/v1/accounts/*/persons/*/*"],
  ["/v1/accounts%2FSECRET", "/v1/*"],
  ["/v1/accounts;SECRET", "/v1/*"],
  ["/v1/:account", "/v1/*"],
  ["http://user:SECRET@host/v1/accounts", "*//*/v1/accounts"],
  ["*", "*"],
  ["/", "/"],
  ["/a".repeat(20), `${"/*".repeat(11)}/…`],
])("%s without a route is shown as %s", (path, shown) => {
  expect(paths.show(path, undefined)).toBe(shown);
});
