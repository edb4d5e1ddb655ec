import type Stripe from "stripe";
import type { ObjectKind } from "../../operations/object-kind.ts";
import { seconds } from "../../operations/time-range.ts";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";

/** A link to a file. It leads nowhere, because the content of files is not stored. */
export interface FileLinkState {
  id: string;
  /** Unix milliseconds. */
  created: number;
  /** Unix milliseconds; null for never. */
  expiresAt: number | null;
  metadata: Record<string, string>;
}

/** Represents "never" when links are compared by expiry time. */
const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * Links are separate rows below their file. The file's row also names them, so files can show them and lists can find
 * them.
 */
export const FILE_LINK: ObjectKind = {
  object: "file_link",
  name: "file link",
  show: (row, { now }) => renderFileLink(linkOf(row), { file: row.parent ?? "", livemode: row.livemode }, now) as unknown as JsonObject,
};

/** The data of a link's row. */
export function linkData({ expiresAt, metadata }: FileLinkState): JsonObject {
  return { expiresAt, metadata, until: expiresAt ?? NEVER };
}

/** A link from its row. */
export function linkOf({ id, created, data }: ObjectRow): FileLinkState {
  return { id, created, expiresAt: data.expiresAt as number | null, metadata: data.metadata as Record<string, string> };
}

/** The File Link object. Source: https://docs.stripe.com/api/file_links/object */
export function renderFileLink(
  { id, created, expiresAt, metadata }: FileLinkState,
  { file, livemode }: { file: string; livemode: boolean },
  now: number,
): Stripe.FileLink {
  return {
    id,
    object: "file_link",
    created: seconds(created),
    expired: expiresAt !== null && expiresAt <= now,
    expires_at: expiresAt === null ? null : seconds(expiresAt),
    file,
    livemode,
    metadata,
    url: null,
  };
}
