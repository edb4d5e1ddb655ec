import { cutText } from "../../operations/cut-text.ts";
import type { FileType } from "./file-type.ts";

/** File extensions that are more specific than the content type, by that type. */
const SAID_BY_NAME: Partial<Record<FileType, readonly string[]>> = {
  text: ["csv", "md", "pem", "txt"],
  zip: ["apk", "docx", "xlsx"],
};

/** Maximum length of a stored name. */
const NAME_CHARS = 255;

/** A file's name and `type`: the content's type, unless only the name determines it. */
export function fileNamed(name: string, found: FileType): { filename: string; type: string } {
  const ending = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  const type = SAID_BY_NAME[found]?.includes(ending) === true ? ending : found === "text" ? "txt" : found;
  return { filename: name === "" ? `file.${type}` : cutText(name, NAME_CHARS), type };
}
