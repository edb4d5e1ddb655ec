import { DOCUMENT_PURPOSES } from "../../../operations/identity-parameters.ts";
import {
  choice,
  clearableFile,
  clearableFormatted,
  clearableHash,
  clearableList,
  clearableText,
  file,
  formatted,
  hash,
  list,
  optional,
  text,
} from "../../../operations/parameters.ts";

/** Parameters of an account's identity in the v2 API. Null unsets a value. */

/** An address without its country, which some addresses require. */
export const v2AddressProperties = {
  city: optional(clearableText()),
  line1: optional(clearableText()),
  line2: optional(clearableText()),
  postal_code: optional(clearableText()),
  state: optional(clearableText()),
  town: optional(clearableText()),
};

/** A new address. */
export const v2Address = () => clearableHash({ ...v2AddressProperties, country: formatted("country") });

/** Changes to an existing address. */
export const v2AddressChange = () => clearableHash({ ...v2AddressProperties, country: optional(clearableFormatted("country")) });

/** Addresses, each with a purpose. */
export const v2Addresses = <const Purposes extends readonly string[]>(purposes: Purposes) =>
  clearableList(hash({ ...v2AddressProperties, country: optional(formatted("country")), purpose: choice(purposes) }), purposes.length);

export const v2Declaration = () =>
  clearableHash({ date: optional(v2Time()), ip: optional(clearableFormatted("ip")), user_agent: optional(clearableText()) });

/** A time with a date; `checkTimes` refuses other text. */
const v2Time = () => text(40);

/** Files of one kind. */
export const v2Files = () => clearableHash({ files: list(file(DOCUMENT_PURPOSES)), type: choice(["files"]) });

/** The same, with the person who signed them. */
export const v2SignedFiles = () =>
  clearableHash({ files: list(file(DOCUMENT_PURPOSES)), signer: optional(clearableHash({ person: text() })), type: choice(["files"]) });

/** The sides of a document. */
export const v2Sides = () =>
  clearableHash({
    front_back: hash({ back: optional(clearableFile(DOCUMENT_PURPOSES)), front: file(DOCUMENT_PURPOSES) }),
    type: choice(["front_back"]),
  });
