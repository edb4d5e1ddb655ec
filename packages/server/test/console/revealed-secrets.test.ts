import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { client, type Platform, platformOfItsOwn, refusal } from "../platform-of-its-own.ts";

interface Revealed {
  id: string;
  secrets: { secret: string; expires_at: number | null }[];
}

let server: Carabiner;
let mine: Platform;
beforeAll(async () => {
  server = await startCarabiner();
  mine = await platformOfItsOwn(server);
});
afterAll(() => server.close());

const reveal = (stripe: Platform["test"], id: string): Promise<Revealed> =>
  stripe.rawRequest("POST", `/console/webhook_endpoints/${id}/reveal_secret`) as unknown as Promise<Revealed>;

test("an endpoint's owner sees the secrets that sign now, the newest first, and those that ended no longer", async () => {
  const { id, secret: first } = await mine.test.webhookEndpoints.create({ url: "http://127.0.0.1:1/hook", enabled_events: ["*"] });
  expect(await reveal(mine.test, id)).toMatchObject({ id, secrets: [{ secret: first, expires_at: null }] });
  const { secret: second } = (await mine.test.rawRequest("POST", `/console/webhook_endpoints/${id}/roll_secret`, {
    expire_after: 60,
  })) as unknown as { secret: string };
  const both = await reveal(mine.test, id);
  expect(both.secrets.map(({ secret }) => secret)).toEqual([second, first]);
  expect(both.secrets.map(({ expires_at }) => typeof expires_at)).toEqual(["object", "number"]);
  await server.clock.advance({ seconds: 61 });
  expect((await reveal(mine.test, id)).secrets).toEqual([{ secret: second, expires_at: null }]);
});

test("another platform, the other mode, and a read-only key cannot see secrets", async () => {
  const { id } = await mine.test.webhookEndpoints.create({ url: "http://127.0.0.1:1/hook", enabled_events: ["*"] });
  const other = await platformOfItsOwn(server);
  expect(await refusal(reveal(other.test, id))).toMatchObject({ status: 404, param: "endpoint" });
  expect(await refusal(reveal(mine.live, id))).toMatchObject({ status: 404, param: "endpoint" });
  const reads = (await mine.test.rawRequest("POST", "/console/keys", { type: "restricted", permissions: ["webhook_read"] })) as unknown as {
    secret: string;
  };
  expect(await refusal(reveal(client(server, reads.secret), id))).toMatchObject({ status: 403 });
});
