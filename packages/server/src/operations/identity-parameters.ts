import {
  clearableFile,
  clearableFormatted,
  clearableHash,
  clearableText,
  file,
  formatted,
  hash,
  integer,
  list,
  optional,
  text,
  timestamp,
} from "./parameters.ts";

/** Parameters that accounts, people and their tokens share. */

export const address = () =>
  hash({
    city: optional(clearableText()),
    country: optional(clearableFormatted("country")),
    line1: optional(clearableText()),
    line2: optional(clearableText()),
    postal_code: optional(clearableText()),
    state: optional(clearableText()),
  });

export const japanAddress = () =>
  hash({
    city: optional(text()),
    country: optional(formatted("country")),
    line1: optional(text()),
    line2: optional(text()),
    postal_code: optional(text()),
    state: optional(text()),
    town: optional(text()),
  });

export const date = () => clearableHash({ day: integer(1, 31), month: integer(1, 12), year: integer(1000, 9999) });

/** Who made a declaration, when and from where. */
export const declaration = () => hash({ date: optional(timestamp()), ip: optional(formatted("ip")), user_agent: optional(text()) });

/** Who accepted terms, when and from where. */
export const acceptance = () => hash({ date: optional(timestamp()), ip: optional(formatted("ip")), user_agent: optional(clearableText()) });

/**
 * Purposes for which a document of a person or company may have been uploaded.
 * Source: https://docs.stripe.com/connect/handling-api-verification
 */
export const DOCUMENT_PURPOSES = ["account_requirement", "additional_verification", "identity_document"] as const;

/** The sides of a document, each a file id. */
export const sides = () => hash({ back: optional(clearableFile(DOCUMENT_PURPOSES)), front: optional(clearableFile(DOCUMENT_PURPOSES)) });

/** Documents, by file id. */
export const files = { files: optional(list(file(DOCUMENT_PURPOSES))) };
