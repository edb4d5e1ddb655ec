import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { listInFull } from "../../operations/expandable.ts";
import { expanderOf, insertOwn, listOwn, type ObjectKind, ownRow } from "../../operations/object-kind.ts";
import { type ChangeContext, operation, type Resource } from "../../operations/operation.ts";
import {
  choice,
  flag,
  hash,
  metadata,
  optional,
  pageProperties,
  params,
  text,
  timeFilter,
  timestamp,
} from "../../operations/parameters.ts";
import { seconds, timeRange } from "../../operations/time-range.ts";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import { fileNamed } from "./file-name.ts";
import { judgeUpload } from "./judge-upload.ts";
import { PURPOSES, UPLOADED, type UploadedPurpose } from "./purposes.ts";

/** A file, beside its id: what its row keeps in `data`. What is in the file is not kept. */
interface FileState {
  purpose: UploadedPurpose;
  filename: string;
  /** As its name or its content has it: `jpg`, `pdf`. */
  type: string;
  /** In bytes. */
  size: number;
  /** SHA-256 of the content, in hex. */
  sha256: string;
  /** Unix milliseconds. */
  expiresAt: number | null;
  /** A link that was asked for with the upload. */
  link: { id: string; expiresAt: number | null; metadata: Record<string, string> } | null;
}

const DAY_MS = 24 * 3_600_000;

const FILE: ObjectKind = { object: "file", name: "file", show: renderFile };

/** Loads a file that an answer names. */
export const expandFile = expanderOf(FILE);

/** Files of an account: what they are, without what is in them. Source: https://docs.stripe.com/api/files */
export const files: Resource = {
  object: "file",
  expandable: { links: listInFull("file_link") },
  operations: [
    operation({
      method: "POST",
      path: "/v1/files",
      upload: "file",
      params: coversStripeParams<Omit<Stripe.FileCreateParams, "file">>()(
        params({
          /** In a body that can bring no file. */
          file: optional(text()),
          file_link_data: optional(hash({ create: flag(), expires_at: optional(timestamp()), metadata: optional(metadata()) })),
          purpose: choice(Object.keys(UPLOADED) as UploadedPurpose[]),
        }),
      ),
      async run(context, { purpose, file_link_data: linked }) {
        const { account, livemode, now, ids, limits, upload } = context;
        if (upload === null) throw apiError("upload_missing", { param: "file" });
        const found = judgeUpload(upload, purpose, limits);
        const { expiresAfterDays } = UPLOADED[purpose];
        const state: FileState = {
          purpose,
          ...fileNamed(upload.name, found),
          size: upload.bytes.byteLength,
          sha256: upload.sha256,
          expiresAt: expiresAfterDays === null ? null : now + expiresAfterDays * DAY_MS,
          link:
            linked?.create === true
              ? {
                  id: ids.newId("file_link", now),
                  expiresAt: linked.expires_at === undefined ? null : linked.expires_at * 1_000,
                  metadata: withoutNulls(linked.metadata ?? {}),
                }
              : null,
        };
        const row = await insertOwn(context, FILE, { id: ids.newId("file", now), account, data: { ...state } as unknown as JsonObject });
        const file = renderFile(row, context);
        await context.record([{ account, livemode, type: "file.created", object: file }]);
        return file;
      },
    }),
    operation({
      method: "GET",
      path: "/v1/files",
      params: coversStripeParams<Stripe.FileListParams>()(
        params({ ...pageProperties, created: optional(timeFilter()), purpose: optional(choice(PURPOSES)) }),
      ),
      run: (context, { created, purpose, expand: _, ...page }) =>
        listOwn(context, FILE, {
          url: "/v1/files",
          page,
          created: created === undefined ? undefined : timeRange(created),
          where: { purpose },
        }),
    }),
    operation({
      method: "GET",
      path: "/v1/files/:file",
      params: params({}),
      run: async (context, _, { file = "" }) => renderFile(await ownRow(context, FILE, file), context),
    }),
  ],
};

function withoutNulls(given: Record<string, string | null>): Record<string, string> {
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== null));
}

/** The File object. Nothing can be downloaded, so it has no `url`. Source: https://docs.stripe.com/api/files/object */
function renderFile({ id, created, livemode, data }: ObjectRow, { now }: Pick<ChangeContext, "now">): JsonObject {
  const { purpose, filename, type, size, expiresAt, link } = data as unknown as FileState;
  const links: Stripe.FileLink[] =
    link === null
      ? []
      : [
          {
            id: link.id,
            object: "file_link",
            created: seconds(created),
            expired: link.expiresAt !== null && link.expiresAt <= now,
            expires_at: link.expiresAt === null ? null : seconds(link.expiresAt),
            file: id,
            livemode,
            metadata: link.metadata,
            url: null,
          },
        ];
  return asJson({
    id,
    object: "file",
    created: seconds(created),
    expires_at: expiresAt === null ? null : seconds(expiresAt),
    filename,
    links: { object: "list", data: links, has_more: false, url: `/v1/file_links?file=${id}` },
    purpose,
    size,
    title: null,
    type,
    url: null,
  } satisfies Stripe.File);
}
