import { type OperatorCall, operatorCall } from "../operations/operator-call.ts";
import { flag, listAnswer, optional, params } from "../operations/parameters.ts";
import { createKey, type KeyOwner, keyAnswer, revokeKey, rollKey } from "../resources/platforms/manage-keys.ts";
import type { Transaction } from "../store/contract/transaction.ts";
import { newKeyOf, newKeyProperties, overlapMsOf, rollProperties } from "./keys.ts";
import { platformNamed } from "./operator-platforms.ts";

const livemode = { livemode: optional(flag()) } as const;

/** The keys of a platform, in both modes. The operator may also revoke the last key, since they can create another. */
export const operatorKeys: readonly OperatorCall[] = [
  operatorCall({
    method: "GET",
    path: "/operator/platforms/:platform/keys",
    params: params(livemode),
    run: ({ store, now }, given, { platform = "" }) =>
      store.read(async (reads) => {
        const { id } = await platformNamed(reads, platform);
        const rows = (await reads.ownKeys(id)).filter((row) => given.livemode === undefined || row.livemode === given.livemode);
        return listAnswer(
          `/operator/platforms/${id}/keys`,
          rows.map((row) => keyAnswer(row, now)),
          false,
        );
      }),
  }),
  operatorCall({
    method: "POST",
    path: "/operator/platforms/:platform/keys",
    params: params({ ...livemode, ...newKeyProperties }),
    run: ({ store, by, from, now, ids, limits }, given, path) =>
      store.transaction(async (tx) => createKey(tx, await ownerOf(tx, given, path), newKeyOf(given, now), { by, from, now, ids, limits })),
  }),
  operatorCall({
    method: "POST",
    path: "/operator/platforms/:platform/keys/:key/roll",
    params: params({ ...livemode, ...rollProperties }),
    run: ({ store, by, from, now, ids, limits }, { overlap, ...given }, path) =>
      store.transaction(async (tx) =>
        rollKey(
          tx,
          await ownerOf(tx, given, path),
          { id: path.key ?? "", overlapMs: overlapMsOf(overlap, limits) },
          { by, from, now, ids, limits },
        ),
      ),
  }),
  operatorCall({
    method: "POST",
    path: "/operator/platforms/:platform/keys/:key/revoke",
    params: params(livemode),
    run: ({ store, by, from, now, limits }, given, path) =>
      store.transaction(async (tx) =>
        revokeKey(tx, await ownerOf(tx, given, path), { id: path.key ?? "", evenLast: true }, { by, from, now, limits }),
      ),
  }),
];

async function ownerOf(
  tx: Transaction,
  given: { livemode?: boolean | undefined },
  { platform = "" }: Readonly<Record<string, string>>,
): Promise<KeyOwner> {
  return { accountId: (await platformNamed(tx, platform)).id, livemode: given.livemode ?? false };
}
