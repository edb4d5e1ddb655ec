import { expect, test } from "vitest";
import { connect, withRedirects } from "../pages/oauth/consent.ts";
import { client, ownKeys, platformOfItsOwn } from "../platform-of-its-own.ts";
import { start } from "../server-of-its-own.ts";

/** How often the account leaves. */
const TIMES = 4;

test.each([
  { events: 2_000, created: [true, true, true, true], hasMore: false },
  { events: 2 * TIMES, created: [true, true, true, true], hasMore: false },
  // What tells of the third last connection's beginning is not among them.
  { events: 5, created: [true, true, false], hasMore: true },
])("connections that ended are found in $events events, however many a page of a list has", async ({ events, created, hasMore }) => {
  const server = await start({ limits: { listItems: 2, listItemsDefault: 2, connectionEvents: events } });
  const platform = await withRedirects(await platformOfItsOwn(server));
  const { id } = await platform.test.accounts.create({ type: "standard" });
  const keys = await ownKeys(platform.test, id);
  for (let time = 1; ; time++) {
    await platform.test.rawRequest("POST", `/v1/test_helpers/accounts/${id}/deauthorize`);
    if (time === TIMES) break;
    await connect(server, platform, "test", { action: "connect", account: id });
  }
  const answer = (await client(server, keys.test.secret).rawRequest("GET", `/console/accounts/${id}/connections`)) as unknown as {
    data: { created: number | null; ended: number | null; platform: string }[];
    has_more: boolean;
  };
  expect(answer.data.map((each) => each.created !== null)).toEqual(created);
  expect(answer.data.every(({ ended, platform: of }) => ended !== null && of === platform.account)).toBe(true);
  expect(answer.has_more).toBe(hasMore);
});
