import { apiError } from "@carabiner/protocol";
import { type OperatorCall, type OperatorContext, operatorCall } from "../operations/operator-call.ts";
import { flag, optional, params, text } from "../operations/parameters.ts";
import {
  beginErasure,
  deletionPreview,
  endErasure,
  erasableAccount,
  eraseStep,
  erasurePreview,
  owePurge,
  purgeIfOwed,
} from "../resources/platforms/erase-account.ts";
import { BackupInProgress } from "../store/contract/back-up.ts";
import type { JsonObject } from "../store/contract/rows.ts";
import { platformNamed } from "./operator-platforms.ts";

const confirm = {
  /** The id again, as a confirmation. */
  confirm: text(64),
} as const;

/**
 * Deleting a platform, and erasing a deleted account. An erasure that has begun continues if the call is interrupted.
 */
export const operatorErasures: readonly OperatorCall[] = [
  operatorCall({
    method: "GET",
    path: "/operator/platforms/:platform/deletion",
    params: params({}),
    run: ({ store }, _, { platform = "" }) =>
      store.read(async (reads) => ({
        object: "platform_deletion",
        platform,
        ...(await deletionPreview(reads, await platformNamed(reads, platform))),
      })),
  }),
  operatorCall({
    method: "POST",
    path: "/operator/platforms/:platform/delete",
    params: params({
      ...confirm,
      /** Whether to also remove what the deleted rows leave in files, which takes long for a large database. */
      purge: optional(flag()),
    }),
    async run(context, given, { platform: id = "" }) {
      const { store, by, from, now } = context;
      const gone = await store.transaction(async (tx) => {
        const row = await platformNamed(tx, id);
        if (given.confirm !== id) throw apiError("confirmation_wrong", { id, param: "confirm" });
        const preview = await deletionPreview(tx, row);
        await beginErasure(tx, row, now);
        if (given.purge === true) await owePurge(tx, id, now);
        await tx.insertAudit({ at: now, act: "platform.deleted", accountId: id, subject: id, by, from, detail: preview });
        return preview;
      });
      await eraseAll(context, id);
      return {
        id,
        object: "platform",
        deleted: true,
        ...gone,
        purged: given.purge === true && (await purged(context)),
        ...(await leftBy(context)),
      };
    },
  }),
  operatorCall({
    method: "GET",
    path: "/operator/accounts/:account/erasure",
    params: params({}),
    run: ({ store, limits }, _, { account = "" }) =>
      store.read(async (reads) => ({
        object: "account_erasure",
        account,
        ...(await erasurePreview(reads, await erasableAccount(reads, account), limits.listItems)),
      })),
  }),
  operatorCall({
    method: "POST",
    path: "/operator/accounts/:account/erase",
    params: params(confirm),
    async run(context, given, { account: id = "" }) {
      const { store, by, from, now } = context;
      await store.transaction(async (tx) => {
        const row = await erasableAccount(tx, id);
        if (given.confirm !== id) throw apiError("confirmation_wrong", { id, param: "confirm" });
        await beginErasure(tx, row, now);
        await owePurge(tx, id, now);
        await tx.insertAudit({ at: now, act: "account.erased", accountId: id, subject: id, by, from, detail: {} });
      });
      await eraseAll(context, id);
      return { id, object: "account", erased: true, purged: await purged(context), ...(await leftBy(context)) };
    },
  }),
];

/** What an erasure leaves, and why. */
const KEPT = [
  {
    what: "audit log",
    why: "It shows who did what to the account: ids, acts, hints of keys and the name and settings of a platform; nothing that an account stored.",
  },
  {
    what: "requests of others",
    why: "Their paths may have its id, as those by which its platform changed and deleted it do. On a dev server they have parameters and answers, too. They are kept for requestsKeptMs.",
  },
  {
    what: "its id",
    why: "By it, no server keeps what it still has of the account: a request that was answered just before. It is kept as long as requests and answers for idempotency keys are.",
  },
  {
    what: "objects and events of other accounts",
    why: "They belong to those accounts: transfers to it have its id. If it was a customer of its platform, the events about that customer stay as they were.",
  },
  {
    what: "tokens of platforms that were not used, or that an earlier version used",
    why: "Nothing says whom they were for. They have the details of people and of businesses that they were made from.",
  },
  {
    what: "answers kept for idempotency keys of other accounts",
    why: "Those that show the account itself are gone, unless an earlier version kept them. Others have its id, such as that of a transfer to it. All are kept for idempotencyKeptMs.",
  },
];

const MAY_STILL_HAVE = [
  { what: "backups from before", why: "Nothing changes a backup." },
  { what: "logs of the servers", why: "They have request ids and ids of accounts, and no personal data." },
  { what: "receivers of its events", why: "They were sent its data." },
];

const POSTGRES_MAY_STILL_HAVE = {
  what: "PostgreSQL's log and the free space in its files",
  why: "They are not overwritten at once: the log goes as PostgreSQL recycles it, the free space as new rows use it.",
};

/** What an erasure leaves, depending on the store. */
async function leftBy({ store }: OperatorContext): Promise<JsonObject> {
  const { engine } = await store.read((reads) => reads.storage());
  return {
    store: engine,
    kept: KEPT,
    may_still_have: engine === "postgresql" ? [POSTGRES_MAY_STILL_HAVE, ...MAY_STILL_HAVE] : MAY_STILL_HAVE,
  };
}

/** Erases step by step to the end. The server's tasks may do some of the steps. */
async function eraseAll({ store, limits, now }: OperatorContext, id: string): Promise<void> {
  while ((await store.transaction((tx) => eraseStep(tx, id, { now, limits }))) > 0);
  await store.transaction((tx) => endErasure(tx, id));
}

/** Removes what the deleted rows left in files. */
async function purged({ store }: OperatorContext): Promise<true> {
  try {
    // If another erasure is under way, files are purged once more after it.
    if ((await purgeIfOwed(store)) === null) await store.purge();
    return true;
  } catch (error) {
    throw error instanceof BackupInProgress ? apiError("backup_in_progress") : error;
  }
}
