import { isUtf8 } from "node:buffer";

/** A file's type by its content. `zip` covers the formats that are ZIP archives. */
export type FileType = "gif" | "jpg" | "json" | "pdf" | "png" | "svg" | "text" | "zip";

/** How far into a file the PDF marker or the start of an SVG may be. */
const MARK_WITHIN = 1_024;

/** A file's type by its content; null when unknown. */
export function fileType(bytes: Uint8Array): FileType | null {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts = (mark: string) => content.subarray(0, mark.length).equals(Buffer.from(mark, "latin1"));
  if (starts("\xff\xd8\xff")) return "jpg";
  if (starts("\x89PNG\r\n\x1a\n")) return "png";
  if (starts("GIF87a") || starts("GIF89a")) return "gif";
  if (starts("PK\x03\x04")) return "zip";
  if (content.subarray(0, MARK_WITHIN).includes("%PDF-")) return "pdf";
  if (!isUtf8(content) || content.includes(0)) return null;
  return textType(content.toString("utf8"));
}

function textType(text: string): FileType {
  const start = text.slice(0, MARK_WITHIN).trimStart();
  if (start.startsWith("<") && /<svg[\s>]/.test(start)) return "svg";
  if (!/^[[{]/.test(start)) return "text";
  try {
    JSON.parse(text);
    return "json";
  } catch {
    return "text";
  }
}

/** Width and height of a PNG or a JPEG in pixels; null when the content lacks them. */
export function imageSize(bytes: Uint8Array, type: "jpg" | "png"): { width: number; height: number } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return type === "png" ? pngSize(view) : jpegSize(view);
}

/** Source: https://www.w3.org/TR/png-3/#11IHDR */
function pngSize(view: DataView): { width: number; height: number } | null {
  // The first chunk has the size, and its type is IHDR.
  return view.byteLength < 24 || view.getUint32(12) !== 0x49484452 ? null : { width: view.getUint32(16), height: view.getUint32(20) };
}

/** Whether a marker starts a frame: a SOFn. Three codes in that range differ. Source: ITU-T T.81, table B.1 */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** Walks the segments to the frame, which contains the size. */
function jpegSize(view: DataView): { width: number; height: number } | null {
  for (let at = 2; at + 9 <= view.byteLength; ) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (isFrame(marker)) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}
