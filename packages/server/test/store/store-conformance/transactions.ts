import { describe, expect, test } from "vitest";
import type { EndpointRow } from "../../../src/store/contract/rows.ts";
import type { Transaction } from "../../../src/store/contract/transaction.ts";
import { Conflict } from "../../../src/store/store.ts";
import { START } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { OpenedStore } from "./opened-store.ts";

/** What is kept of a transaction, and what is refused. */
export function transactionConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);

  describe("a transaction", () => {
    test("keeps all of what it changes", async () => {
      const account = on.make.account();
      const result = await on.store.transaction(async (tx) => {
        await tx.insertAccount(account);
        await tx.saveSetting("theme", { dark: [true, null, 1.5, "ü"] });
        return "done";
      });
      expect(result).toBe("done");
      expect(await on.store.read((reads) => reads.account(account.id))).toEqual(account);
      expect(await on.store.read((reads) => reads.setting("theme"))).toEqual({ dark: [true, null, 1.5, "ü"] });
    });

    test("that throws changes nothing, and throws the same on", async () => {
      // The last two have the words of a database that does not answer.
      for (const words of ["no", "This dispute is already closed", "timeout"]) {
        const account = on.make.account();
        const mistake = new Error(words);
        const failed = on.write(async (tx) => {
          await tx.insertAccount(account);
          await tx.saveSetting("theme", "dark");
          throw mistake;
        });
        await expect(failed).rejects.toBe(mistake);
        expect(await on.store.read((reads) => reads.account(account.id))).toBeNull();
        expect(await on.store.read((reads) => reads.setting("theme"))).toBeNull();
      }
    });

    test("that throws takes nothing from those beside it", async () => {
      const accounts = Array.from({ length: 20 }, () => on.make.account());
      const results = await Promise.allSettled(
        accounts.map((account, index) =>
          on.write(async (tx) => {
            await tx.insertAccount(account);
            if (index % 3 === 0) throw new Error(`no ${index}`);
          }),
        ),
      );
      const kept = await on.store.read(async (reads) => {
        const found: boolean[] = [];
        for (const { id } of accounts) found.push((await reads.account(id)) !== null);
        return found;
      });
      expect(results.map(({ status }) => status === "fulfilled")).toEqual(kept);
      expect(kept).toEqual(accounts.map((_, index) => index % 3 !== 0));
    });

    test("sees its own changes, and those of the ones before it", async () => {
      const seen = await Promise.all(
        Array.from({ length: 10 }, () =>
          on.store.transaction(async (tx) => {
            const count = Number((await tx.setting("count")) ?? 0) + 1;
            await tx.saveSetting("count", count);
            return tx.setting("count");
          }),
        ),
      );
      expect(seen.sort((one, other) => Number(one) - Number(other))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    });

    test("is refused an id that is taken, and then changes nothing, even when it goes on", async () => {
      const account = on.make.account();
      await on.write((tx) => tx.insertAccount(account));
      const again = on.write(async (tx) => {
        await tx.saveSetting("theme", "dark");
        await tx.insertAccount({ ...account, data: {} });
      });
      await expect(again).rejects.toBeInstanceOf(Conflict);
      const regardless = on.write(async (tx) => {
        await tx.saveSetting("theme", "dark");
        await expect(tx.insertAccount(account)).rejects.toBeInstanceOf(Conflict);
      });
      await expect(regardless).rejects.toBeInstanceOf(Conflict);
      expect(await on.store.read((reads) => reads.setting("theme"))).toBeNull();
      expect(await on.store.read((reads) => reads.account(account.id))).toEqual(account);
    });

    test("is refused two of everything that must be one", async () => {
      const endpoint = on.make.endpoint();
      const object = on.make.object();
      const event = on.make.event();
      const owed = on.make.delivery(event, endpoint);
      const key = {
        hash: "h",
        accountId: "acct_1",
        livemode: true,
        kind: "secret",
        hint: "sk_…1",
        created: START,
        expiresAt: null,
        grant: null,
        permissions: null,
      } as const;
      const connection = {
        platformId: "acct_p",
        accountId: "acct_c",
        livemode: true,
        created: START,
        controller: true,
        scope: "read_write" as const,
      };
      const inserts: ((tx: Transaction) => Promise<void>)[] = [
        (tx) => tx.insertEndpoint(endpoint),
        (tx) => tx.insertObject(object),
        (tx) => tx.insertEvents([event], []),
        (tx) => tx.insertEvents([], [{ eventId: event.id, variant: "v", body: event.body }]),
        (tx) => tx.insertDeliveries([owed]),
        (tx) => tx.insertKey(key),
        (tx) => tx.insertConnection(connection),
        (tx) => tx.insertApplication({ id: "ca_1", accountId: "acct_p", livemode: true, name: "One", redirectUris: [] }),
      ];
      for (const insert of inserts) {
        await on.write(insert);
        await expect(on.write(insert)).rejects.toBeInstanceOf(Conflict);
      }
    });

    test("cannot be used after its end", async () => {
      const kept: Transaction[] = [];
      await on.write(async (tx) => {
        kept.push(tx);
      });
      await expect(kept[0]?.saveSetting("theme", "dark")).rejects.toThrow(/ended/);
      expect(await on.store.read((reads) => reads.setting("theme"))).toBeNull();
    });

    test("hands out rows that nobody spoils for others: each caller has its own, or they refuse to be changed", async () => {
      const account = on.make.account();
      const endpoint = on.make.endpoint({ accountId: account.id });
      const event = on.make.event();
      const before = structuredClone({ account, endpoint, listed: [endpoint], event: { ...event, body: [...event.body] } });
      await on.write(async (tx) => {
        await tx.insertAccount(account);
        await tx.insertEndpoint(endpoint);
        await tx.insertEvents([event], []);
      });
      interface Rows {
        account: typeof account | null;
        endpoint: EndpointRow | null;
        listed: readonly EndpointRow[];
        event: typeof event | null;
      }
      const attempt = (change: () => void) => {
        try {
          change();
        } catch (refusal) {
          if (!(refusal instanceof TypeError)) throw refusal;
        }
      };
      const spoil = (rows: Rows) => {
        const { data } = rows.account ?? {};
        if (data !== undefined) attempt(() => Object.assign(data, { email: "other" }));
        for (const one of [rows.endpoint, ...rows.listed]) {
          if (one === null) continue;
          attempt(() => one.enabledEvents.push("x"));
          attempt(() => one.secrets.splice(0));
          attempt(() => Object.assign(one.metadata, { team: "b" }));
          attempt(() => Object.assign(one, { status: "disabled" }));
        }
        rows.event?.body.fill(0);
      };
      const load = () =>
        on.store.read(async (reads) => ({
          account: await reads.account(account.id),
          endpoint: await reads.endpoint(endpoint.id),
          listed: (await reads.subscribers(account.id)).endpoints,
          event: await reads.event(event.id),
        }));
      spoil({ account, endpoint, listed: [], event });
      spoil(await load());
      const after = await load();
      expect({ ...after, event: { ...after.event, body: [...(after.event?.body ?? [])] } }).toEqual(before);
    });
  });
}
