import type { FileType } from "./file-type.ts";

/** Endings that say more than the content does, by what the content is. */
const SAID_BY_NAME: Partial<Record<FileType, readonly string[]>> = {
  text: ["csv", "md", "pem", "txt"],
  zip: ["apk", "docx", "xlsx"],
};

/** Longest name that is kept. */
const NAME_CHARS = 255;

/** What a file is called, and its `type`: its content's, but for content whose kind only its name tells. */
export function fileNamed(name: string, found: FileType): { filename: string; type: string } {
  const ending = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  const type = SAID_BY_NAME[found]?.includes(ending) === true ? ending : found === "text" ? "txt" : found;
  return { filename: name === "" ? `file.${type}` : name.slice(0, NAME_CHARS), type };
}
