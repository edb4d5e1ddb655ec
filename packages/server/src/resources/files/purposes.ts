import type { Limits } from "../../limits.ts";
import type { FileType } from "./file-type.ts";

/** What a file for a purpose must be. */
export interface PurposeRules {
  types: readonly FileType[];
  /** How large it may be. */
  limit: keyof Limits & `${string}Bytes`;
  /** How long it is kept, in days; null for ever. */
  expiresAfterDays: number | null;
}

const DOCUMENT: PurposeRules = { types: ["jpg", "pdf", "png"], limit: "documentFileBytes", expiresAfterDays: null };
const BRANDING: PurposeRules = { types: ["gif", "jpg", "png"], limit: "brandingFileBytes", expiresAfterDays: null };
const TERMINAL: PurposeRules = { types: ["text"], limit: "fileBytes", expiresAfterDays: null };

/** What can be uploaded, and what it must be. Source: https://docs.stripe.com/file-upload */
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

/** What files can be for, those included that only Stripe itself makes. Source: https://docs.stripe.com/api/files/list */
export const PURPOSES = [
  ...(Object.keys(UPLOADED) as UploadedPurpose[]),
  "document_provider_identity_document",
  "finance_report_run",
  "financial_account_statement",
  "identity_document_downloadable",
  "selfie",
  "sigma_scheduled_query",
] as const;
