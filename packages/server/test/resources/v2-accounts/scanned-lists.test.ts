import { expect, test } from "vitest";
import { client } from "../../platform-of-its-own.ts";
import { start } from "../../server-of-its-own.ts";

test("a list of few among many looks at no more than its limit in one call, and the next page goes on behind", async () => {
  const server = await start({ limits: { accountsScannedPerList: 2 } });
  const stripe = client(server, server.keys.test.secret);
  const { id } = await stripe.v2.core.accounts.create({ contact_email: "jenny@example.com", configuration: { customer: {} } });
  for (let n = 0; n < 5; n++) await stripe.accounts.create({ type: "standard" });
  const pages: string[][] = [];
  for (let path: string | null = "/v2/core/accounts?applied_configurations=customer&limit=2"; path !== null; ) {
    const page = (await stripe.rawRequest("GET", path)) as unknown as { data: { id: string }[]; next_page_url: string | null };
    pages.push(page.data.map((account) => account.id));
    path = page.next_page_url;
  }
  expect(pages).toEqual([[], [], [id]]);
});
