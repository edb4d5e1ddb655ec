import type { Limits } from "../../limits.ts";
import type { FileType } from "./file-type.ts";

/** The rules for files of one purpose. */
export interface PurposeRules {
  types: readonly FileType[];
  /** Its maximum size. */
  limit: keyof Limits & `${string}Bytes`;
  /** How many days it is kept; null means forever. */
  expiresAfterDays: number | null;
}

const DOCUMENT: PurposeRules = { types: ["jpg", "pdf", "png"], limit: "documentFileBytes", expiresAfterDays: null };
const BRANDING: PurposeRules = { types: ["gif", "jpg", "png"], limit: "brandingFileBytes", expiresAfterDays: null };
const TERMINAL: PurposeRules = { types: ["text"], limit: "fileBytes", expiresAfterDays: null };

/** The purposes of uploads, with their rules. Source: https://docs.stripe.com/file-upload */
export const UPLOADED = {
  account_requirement: DOCUMENT,
  additional_verification: DOCUMENT,
  business_icon: BRANDING,
  business_logo: BRANDING,
  customer_signature: { types: ["jpg", "png", "svg"], limit: "signatureFileBytes", expiresAfterDays: 7 },
  dispute_evidence: { types: ["jpg", "pdf", "png"], limit: "evidenceFileBytes", expiresAfterDays: 274 },
  identity_document: DOCUMENT,
  issuing_regulatory_reporting: { types: ["json"], limit: "reportFileBytes", expiresAfterDays: 730 },
  pci_document: { types: ["pdf"], limit: "fileBytes", expiresAfterDays: null },
  platform_terms_of_service: { types: ["pdf", "text"], limit: "fileBytes", expiresAfterDays: null },
  tax_document_user_upload: { types: ["jpg", "pdf", "png", "text", "zip"], limit: "fileBytes", expiresAfterDays: null },
  terminal_android_apk: { types: ["zip"], limit: "fileBytes", expiresAfterDays: null },
  terminal_reader_splashscreen: { types: ["gif", "jpg", "png"], limit: "splashscreenFileBytes", expiresAfterDays: null },
  terminal_wifi_certificate: TERMINAL,
  terminal_wifi_private_key: TERMINAL,
} as const satisfies Record<string, PurposeRules>;

export type UploadedPurpose = keyof typeof UPLOADED;

/** All purposes of files, including those that only Stripe creates. Source: https://docs.stripe.com/api/files/list */
export const PURPOSES = [
  ...(Object.keys(UPLOADED) as UploadedPurpose[]),
  "document_provider_identity_document",
  "finance_report_run",
  "financial_account_statement",
  "identity_document_downloadable",
  "selfie",
  "sigma_scheduled_query",
] as const;
