import { createIdSource } from "@carabiner/protocol";
import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../limits.ts";
import type { OperationContext } from "../../operations/operation.ts";
import { newAccount } from "../connected-account/state/new-account.ts";
import { nextPerson } from "./persons-of-account.ts";

const ids = createIdSource((count) => new Uint8Array(count));
const row = { id: "acct_1", created: 0, apiVersion: "2024-06-20", deleted: false, data: {} };

test.each([true, false])("a person is made in the account's own mode alone, live: %s", (livemode) => {
  const world = { row, state: newAccount({ country: "US", type: "custom", livemode }), persons: [], externalAccounts: [], customer: null };
  const asked = (mode: boolean) =>
    nextPerson({ now: 0, livemode: mode, ids, limits: DEFAULT_LIMITS } satisfies Partial<OperationContext> as OperationContext, world);
  expect(asked(livemode).row).toMatchObject({ livemode, accountId: "acct_1" });
  expect(() => asked(!livemode)).toThrow(expect.objectContaining({ error: "person_in_other_mode" }));
});
