import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { listOwn, namedRow, ownRow } from "../../operations/object-kind.ts";
import { operation, type Resource } from "../../operations/operation.ts";
import {
  clearableText,
  flag,
  mergeMetadata,
  metadata,
  optional,
  pageProperties,
  params,
  text,
  timeFilter,
  timestamp,
} from "../../operations/parameters.ts";
import { timeRange } from "../../operations/time-range.ts";
import type { ObjectRow } from "../../store/contract/rows.ts";
import { FILE_LINK, type FileLinkState, linkData, linkOf } from "./file-link.ts";
import { addLink, changeLink, expandFile, FILE } from "./files.ts";

/** The purposes of files that can be linked to. Source: https://docs.stripe.com/api/file_links/create */
const LINKED: ReadonlySet<unknown> = new Set([
  "business_icon",
  "business_logo",
  "customer_signature",
  "dispute_evidence",
  "issuing_regulatory_reporting",
  "pci_document",
  "tax_document_user_upload",
  "terminal_android_apk",
  "terminal_reader_splashscreen",
]);

/** Links to files. Source: https://docs.stripe.com/api/file_links */
export const fileLinks: Resource = {
  object: FILE_LINK.object,
  expandable: { file: expandFile },
  operations: [
    operation({
      method: "POST",
      path: "/v1/file_links",
      params: coversStripeParams<Stripe.FileLinkCreateParams>()(
        params({ expires_at: optional(timestamp()), file: text(), metadata: optional(metadata()) }),
      ),
      async run(context, { expires_at, file, metadata: given }) {
        const { ids, now } = context;
        const row = await namedRow(context, FILE, file, "file");
        if (!LINKED.has(row.data.purpose)) throw apiError("file_not_linkable", { purpose: String(row.data.purpose), param: "file" });
        const expiresAt = expires_at === undefined ? null : expires_at * 1_000;
        if (expiresAt !== null && expiresAt <= now) throw apiError("timestamp_in_past", { param: "expires_at" });
        const link = { id: ids.newId("file_link", now), created: now, expiresAt, metadata: mergeMetadata({}, given) };
        return FILE_LINK.show(await addLink(context, row, link), context);
      },
    }),
    operation({
      method: "GET",
      path: "/v1/file_links",
      params: coversStripeParams<Stripe.FileLinkListParams>()(
        params({ ...pageProperties, created: optional(timeFilter()), expired: optional(flag()), file: optional(text()) }),
      ),
      run: (context, { created, expired, file, expand: _, ...page }) =>
        listOwn(context, FILE_LINK, {
          url: "/v1/file_links",
          page,
          created: timeRange(created),
          parent: file,
          within: { until: expired === undefined ? undefined : expired ? { lte: context.now } : { gt: context.now } },
        }),
    }),
    operation({
      method: "GET",
      path: "/v1/file_links/:link",
      params: params({}),
      run: async (context, _, path) => FILE_LINK.show(await ownRow(context, FILE_LINK, path.link ?? ""), context),
    }),
    operation({
      method: "POST",
      path: "/v1/file_links/:link",
      params: coversStripeParams<Stripe.FileLinkUpdateParams>()(
        params({ expires_at: optional(clearableText(20)), metadata: optional(metadata()) }),
      ),
      async run(context, { expires_at, metadata: change }, path) {
        const row = await ownRow(context, FILE_LINK, path.link ?? "");
        const before = linkOf(row);
        const link: FileLinkState = {
          ...before,
          ...(expires_at === undefined ? {} : { expiresAt: expiryOf(expires_at, context.now) }),
          metadata: mergeMetadata(before.metadata, change),
        };
        const after: ObjectRow = { ...row, data: linkData(link) };
        await context.tx.updateObject(after);
        await changeLink(context, row.parent ?? "", link);
        return FILE_LINK.show(after, context);
      },
    }),
  ],
};

/** When a link expires, in Unix milliseconds: at a time in the future, now, or never. */
function expiryOf(given: string | null, now: number): number | null {
  if (given === null) return null;
  if (given === "now") return now;
  const param = "expires_at";
  if (!/^\d{1,12}$/.test(given)) throw apiError("parameter_invalid_integer", { value: given, param });
  if (Number(given) * 1_000 <= now) throw apiError("timestamp_in_past", { param });
  return Number(given) * 1_000;
}
