import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { listInFull } from "../../operations/expandable.ts";
import { expanderOf, insertOwn, listOwn, type ObjectKind, ownRow } from "../../operations/object-kind.ts";
import { type ChangeContext, type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import {
  choice,
  flag,
  hash,
  mergeMetadata,
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
import { FILE_LINK, type FileLinkState, linkData, renderFileLink } from "./file-link.ts";
import { fileNamed } from "./file-name.ts";
import { judgeUpload } from "./judge-upload.ts";
import { PURPOSES, UPLOADED, type UploadedPurpose } from "./purposes.ts";

/** A file without its id: what its row stores in `data`. The content is not stored. */
interface FileState {
  purpose: UploadedPurpose;
  filename: string;
  /** By its name or its content: `jpg`, `pdf`. */
  type: string;
  /** In bytes. */
  size: number;
  /** SHA-256 of the content, in hex. */
  sha256: string;
  /** Unix milliseconds. */
  expiresAt: number | null;
  /** Its links, newest first, up to the number it shows. */
  links?: FileLinkState[];
  /** The only link of a file from before version 0.2. */
  link?: Omit<FileLinkState, "created"> | null;
}

const DAY_MS = 24 * 3_600_000;

export const FILE: ObjectKind = { object: "file", name: "file", show: renderFile };

/** Loads a file named in a response. */
export const expandFile = expanderOf(FILE);

/** An account's files, without their content. Source: https://docs.stripe.com/api/files */
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
          /** For a body that cannot contain a file. */
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
        };
        const uploaded = await insertOwn(context, FILE, {
          id: ids.newId("file", now),
          account,
          data: { ...state } as unknown as JsonObject,
        });
        const row = linked?.create === true ? await linkedFile(context, uploaded, linked) : uploaded;
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
          created: timeRange(created),
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

/** A file with the link that its upload asked for. */
async function linkedFile(
  context: OperationContext,
  file: ObjectRow,
  { expires_at, metadata: given }: { expires_at?: number; metadata?: Record<string, string | null> | null },
): Promise<ObjectRow> {
  const { ids, now } = context;
  const expiresAt = expires_at === undefined ? null : expires_at * 1_000;
  const link = { id: ids.newId("file_link", now), created: now, expiresAt, metadata: mergeMetadata({}, given) };
  await addLink(context, file, link);
  return (await context.tx.object(file.id)) ?? file;
}

/** Adds a link to a file of the account. Returns the link's row. */
export async function addLink(context: OperationContext, file: ObjectRow, link: FileLinkState): Promise<ObjectRow> {
  const { tx, account } = context;
  await tx.updateObject({ ...file, data: withLinks(file, [link, ...linksOf(file)]) });
  return insertOwn(context, FILE_LINK, { id: link.id, account, parent: file.id, data: linkData(link) });
}

/** Updates one of the links that a file shows. */
export async function changeLink({ tx }: OperationContext, file: string, link: FileLinkState): Promise<void> {
  const row = await tx.object(file);
  if (row === null) return;
  await tx.updateObject({
    ...row,
    data: withLinks(
      row,
      linksOf(row).map((one) => (one.id === link.id ? link : one)),
    ),
  });
}

/** Maximum number of links that a file shows. */
const LINKS_SHOWN = 10;

/** One more is stored, so that the file knows whether it has more links than it shows. */
function withLinks({ data }: ObjectRow, links: readonly FileLinkState[]): JsonObject {
  const { link: _, ...rest } = data;
  return { ...rest, links: links.slice(0, LINKS_SHOWN + 1) as unknown as JsonObject[] };
}

function linksOf({ created, data }: ObjectRow): FileLinkState[] {
  const { links = [], link = null } = data as unknown as FileState;
  return link === null ? links : [...links, { created, ...link }];
}

/**
 * The File object. It has no `url`, since nothing can be downloaded.
 * Source: https://docs.stripe.com/api/files/object
 */
function renderFile(row: ObjectRow, { now }: Pick<ChangeContext, "now">): JsonObject {
  const { id, created, livemode, data } = row;
  const { purpose, filename, type, size, expiresAt } = data as unknown as FileState;
  const links = linksOf(row).slice(0, LINKS_SHOWN);
  return asJson({
    id,
    object: "file",
    created: seconds(created),
    expires_at: expiresAt === null ? null : seconds(expiresAt),
    filename,
    links: {
      object: "list",
      data: links.map((link) => renderFileLink(link, { file: id, livemode }, now)),
      has_more: linksOf(row).length > LINKS_SHOWN,
      url: `/v1/file_links?file=${id}`,
    },
    purpose,
    size,
    title: null,
    type,
    url: null,
  } satisfies Stripe.File);
}
