import { expect, test } from "vitest";
import { connect, withRedirects } from "../../pages/oauth/consent.ts";
import { platformOfItsOwn, refusal } from "../../platform-of-its-own.ts";
import { start } from "../../server-of-its-own.ts";

test("external accounts are not shown to a platform that the account has connected, which neither made nor controls it", async () => {
  const server = await start();
  const maker = await platformOfItsOwn(server);
  const { id } = await maker.test.accounts.create({ type: "standard", country: "US" });
  const other = await withRedirects(await platformOfItsOwn(server));
  expect(await connect(server, other, "test", { action: "connect", account: id })).toBe(id);
  for (const call of [
    other.test.accounts.listExternalAccounts(id),
    other.test.accounts.retrieveExternalAccount(id, "ba_unknown"),
    other.test.accounts.updateExternalAccount(id, "ba_unknown", { metadata: { a: "b" } }),
  ])
    expect(await refusal(call)).toMatchObject({ status: 403, message: expect.stringContaining("neither made nor controls it") });
  expect((await maker.test.accounts.listExternalAccounts(id)).data).toEqual([]);
});
