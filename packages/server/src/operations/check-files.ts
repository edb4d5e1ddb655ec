import { apiError } from "@carabiner/protocol";
import { mayActFor } from "../events/connection-access.ts";
import type { NamedFile } from "./named-files.ts";
import type { OperationContext } from "./operation.ts";

/**
 * The files that exist in test mode without an upload, by their effect.
 * Source: https://docs.stripe.com/connect/testing#test-verification
 */
const TEST_FILES: ReadonlySet<string> = new Set([
  "file_identity_document_success",
  "file_identity_document_failure",
  "file_relationship_document_success",
  "file_relationship_document_invalid",
  "file_relationship_document_mismatch",
  "file_relationship_document_invalid_signer",
]);

/**
 * Throws `resource_missing` for a file that does not exist, is of the other mode, was uploaded for another purpose, or
 * belongs to other accounts than `owners`. All these answers are alike, so that callers cannot probe for ids of others.
 */
export async function checkFiles(
  { tx, livemode }: Pick<OperationContext, "tx" | "livemode">,
  files: readonly NamedFile[],
  owners: readonly string[],
): Promise<void> {
  for (const { id, param, purposes } of files) {
    if (!livemode && TEST_FILES.has(id)) continue;
    const row = await tx.object(id);
    const fits = row?.object === "file" && row.livemode === livemode && owners.includes(row.accountId);
    if (!fits || !purposes.includes(String(row.data.purpose))) throw apiError("resource_missing", { object: "file upload", id, param });
  }
}

/**
 * The accounts whose files a call may name: the caller, the account it acts for, and the account in its path if it may
 * act for that.
 */
export async function ownersOfFiles(
  { tx, caller, account, livemode }: Pick<OperationContext, "tx" | "caller" | "account" | "livemode">,
  inPath: string | undefined,
): Promise<string[]> {
  const own = [caller.id, account.id];
  if (inPath === undefined || own.includes(inPath)) return own;
  return mayActFor(await tx.connections(account.id, inPath), livemode) ? [...own, inPath] : own;
}
