import { describe, expect, test } from "vitest";
import type { StoredSecrets, WalkPosition } from "../../../src/store/contract/stored-secrets.ts";
import { fixedKeys, type KeyRing, type KeySource, secretKey } from "../../../src/store/secret-box.ts";
import { UnfitDatabase } from "../../../src/store/store.ts";
import { START, TEST_KEYS } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { OpenedStore } from "./opened-store.ts";

const OLD = TEST_KEYS.ring().current;
const NEW = secretKey(Buffer.alloc(32, 1));
const keys = (ring: KeyRing): KeySource => fixedKeys(ring, "the tests");

const ANSWER = {
  scope: "s",
  key: "k",
  fingerprint: "f",
  status: 200,
  body: '{"secret":"whsec_1"}',
  requestId: "req_1",
  about: null,
  created: START,
};

/** Secrets are sealed with the keys that are given, each for its own row; and sealed anew with others. */
export function sealingConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);
  const { reopen, tamper } = harness;

  /**
   * Something in every place that is sealed: seven values, with that of the endpoint's URL. Returns what is read of it.
   */
  async function fill() {
    const endpoint = on.make.endpoint({ url: "https://example.com/hook?token=1" });
    const link = on.make.object({ object: "account_link", data: { returnUrl: "https://example.com/back?token=2" } });
    const session = on.make.object({ object: "page_session", data: { returnUrl: "https://example.com/back?token=3" } });
    const application = { id: "ca_1", accountId: "acct_1", livemode: false, name: "One", redirectUris: ["https://a?token=4"] };
    await on.write(async (tx) => {
      await tx.insertEndpoint(endpoint);
      await tx.insertObject(link);
      await tx.insertObject(session);
      await tx.insertApplication(application);
      await tx.insertIdempotentAnswer(ANSWER);
      await tx.saveSetting("fingerprint_key", "five");
    });
    return async () => {
      await on.store.read(async (reads) => {
        expect(await reads.endpoint(endpoint.id)).toEqual(endpoint);
        expect(await reads.object(link.id)).toEqual(link);
        expect(await reads.object(session.id)).toEqual(session);
        expect(await reads.applicationById(application.id)).toEqual(application);
        expect(await reads.idempotentAnswer("s", "k", 0)).toEqual(ANSWER);
        expect(await reads.setting("fingerprint_key")).toBe("five");
      });
    };
  }

  /** Walks through everything, two rows at a time. */
  async function resealAll(secrets: StoredSecrets): Promise<number> {
    let resealed = 0;
    for (let next: WalkPosition | null = null, first = true; first || next !== null; first = false) {
      const step: Awaited<ReturnType<StoredSecrets["reseal"]>> = await secrets.reseal(2, next);
      resealed += step.resealed;
      next = step.next;
    }
    return resealed;
  }

  describe("secrets", () => {
    test("are sealed under the current key, whatever holds them", async () => {
      const holds = await fill();
      await holds();
      expect(await on.store.secrets.count()).toEqual(new Map([[OLD.id, 7]]));
      expect(await resealAll(on.store.secrets)).toBe(0);
      expect(await on.store.secrets.behind(0)).toBe(0);
    });

    test("that are changed are sealed again", async () => {
      const endpoint = await on.oneEndpoint();
      const changed = { ...endpoint, url: "https://example.com/other", secrets: [{ secret: "whsec_3", expiresAt: null }] };
      await on.write((tx) => tx.updateEndpoint(changed));
      expect(await on.store.read((reads) => reads.endpoint(endpoint.id))).toEqual(changed);
      expect(await on.store.secrets.count()).toEqual(new Map([[OLD.id, 2]]));
    });

    if (reopen !== null) {
      test("are sealed anew with another key, two rows at a time, and then need the old one no more", async () => {
        const holds = await fill();
        on.store = await reopen({ keys: keys({ current: NEW, older: [OLD] }) });
        await holds();
        expect(await on.store.secrets.forget()).toEqual([]);
        expect(await on.store.secrets.reseal(1, null)).toMatchObject({ resealed: 2 });
        expect(await on.store.secrets.count()).toEqual(
          new Map([
            [OLD.id, 5],
            [NEW.id, 2],
          ]),
        );
        await holds();
        expect(await resealAll(on.store.secrets)).toBe(5);
        expect(await on.store.secrets.count()).toEqual(new Map([[NEW.id, 7]]));
        await holds();
        expect(await on.store.secrets.forget()).toEqual([OLD.id]);
        on.store = await reopen({ keys: keys({ current: NEW, older: [] }) });
        await holds();
      });

      test("are not opened, nor is anything changed, with keys of which one is missing: it is named", async () => {
        const holds = await fill();
        await expect(reopen({ keys: keys({ current: NEW, older: [] }) })).rejects.toThrow(`sealed with key ${OLD.id}`);
        on.store = await reopen({ keys: TEST_KEYS });
        await holds();
        expect(await on.store.secrets.count()).toEqual(new Map([[OLD.id, 7]]));
      });
    }

    if (tamper !== null) {
      test.each([
        ["the URL of another endpoint", "endpoints", "url"],
        ["the secrets of another endpoint", "endpoints", "secrets"],
      ])("do not open in the place of others: %s", async (_, table, column) => {
        const [one, other] = await on.make.endpoints(on.store, 2);
        const swapped = `UPDATE ${table} SET ${column} = (SELECT o.${column} FROM ${table} o WHERE o.id = '${other?.id}') WHERE id = '${one?.id}'`;
        on.store = await tamper(swapped);
        await expect(on.store.read((reads) => reads.endpoint(one?.id ?? ""))).rejects.toBeInstanceOf(UnfitDatabase);
        await expect(on.store.read((reads) => reads.endpoint(one?.id ?? ""))).rejects.toThrow(`${table}.${column}:${one?.id}`);
        expect(await on.store.read((reads) => reads.endpoint(other?.id ?? ""))).toEqual(other);
      });

      test("do not open in another row also when they were opened in their own before", async () => {
        const [one, other] = await on.make.endpoints(on.store, 2);
        const swapped = `UPDATE endpoints SET url = (SELECT o.url FROM endpoints o WHERE o.id = '${other?.id}') WHERE id = '${one?.id}'`;
        on.store = await tamper(swapped);
        expect(await on.store.read((reads) => reads.endpoint(other?.id ?? ""))).toEqual(other);
        await expect(on.store.read((reads) => reads.endpoint(one?.id ?? ""))).rejects.toBeInstanceOf(UnfitDatabase);
      });
    }
  });
}
