import { apiError } from "@carabiner/protocol";
import type { Limits } from "../../limits.ts";
import type { Upload } from "../../operations/operation.ts";
import { type FileType, fileType, imageSize } from "./file-type.ts";
import { type PurposeRules, UPLOADED, type UploadedPurpose } from "./purposes.ts";

/**
 * The type of an upload that suits its purpose, judged by its content and not by its name or sender. Throws
 * `file_empty`, `file_too_large`, `file_type_invalid`, and for the image of a document `file_dimensions_invalid` if it
 * has too many pixels, and `file_image_unreadable` if it does not say how many.
 * Source: https://docs.stripe.com/connect/handling-api-verification
 */
export function judgeUpload({ param, bytes }: Pick<Upload, "param" | "bytes">, purpose: UploadedPurpose, limits: Limits): FileType {
  const { types, limit }: PurposeRules = UPLOADED[purpose];
  if (bytes.byteLength === 0) throw apiError("file_empty", { param });
  if (bytes.byteLength > limits[limit]) throw apiError("file_too_large", { param, purpose, limit: limits[limit] });
  const type = fileType(bytes);
  if (type === null || !types.includes(type)) throw apiError("file_type_invalid", { param, purpose, types: types.join(", ") });
  if (limit === "documentFileBytes" && (type === "jpg" || type === "png")) {
    const size = imageSize(bytes, type);
    if (size === null || size.width === 0 || size.height === 0)
      throw apiError("file_image_unreadable", { param, type: type.toUpperCase() });
    if (Math.max(size.width, size.height) > limits.documentSidePixels)
      throw apiError("file_dimensions_invalid", { param, limit: limits.documentSidePixels });
  }
  return type;
}
