import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { repositoryFiles } from "../house/repository-files.ts";
import { type Sabotage, withEdit } from "./sabotage.ts";

/** A copy of the checkout in a temporary folder, whose code may be broken on purpose. */
export interface ScratchCopy {
  root: string;
  /** Makes the sabotage's edits. Throws, having changed nothing, when one does not apply. */
  spoil(sabotage: Sabotage): void;
  /** Reverts the edits. */
  mend(sabotage: Sabotage): void;
  remove(): void;
}

/** Our own packages, which must lead to the copy and not to the checkout. */
const OWN_SCOPE = "@carabiner";

/** Copies every file of the repository at `root` that is not ignored, and links to what npm installed. */
export function makeScratchCopy(root: string): ScratchCopy {
  const copy = mkdtempSync(join(tmpdir(), "carabiner-sabotage-"));
  for (const path of repositoryFiles(root)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(root, path), join(copy, path));
  }
  linkInstalled(root, copy);
  for (const folder of readdirSync(join(root, "packages"))) linkInstalled(join(root, "packages", folder), join(copy, "packages", folder));

  return {
    root: copy,
    spoil({ name, edits }) {
      const texts = new Map<string, string>();
      for (const edit of edits)
        texts.set(edit.file, withEdit(texts.get(edit.file) ?? readFileSync(join(root, edit.file), "utf8"), edit, name));
      for (const [file, text] of texts) writeFileSync(join(copy, file), text);
    },
    mend({ edits }) {
      for (const { file } of edits) cpSync(join(root, file), join(copy, file));
    },
    remove: () => rmSync(copy, { recursive: true, force: true }),
  };
}

/** Links to the content of one folder's `node_modules`. The tests' own caches there are not shared. */
function linkInstalled(from: string, to: string): void {
  const installed = join(from, "node_modules");
  let names: string[];
  try {
    names = readdirSync(installed);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  const linked = join(to, "node_modules");
  mkdirSync(linked, { recursive: true });
  for (const name of names) {
    // `.bin` contains programs; anything else that begins with a dot is a cache.
    if (name === OWN_SCOPE || (name.startsWith(".") && name !== ".bin")) continue;
    symlinkSync(join(installed, name), join(linked, name));
  }
  // Relative links, such as `../../packages/server`: in the copy they lead to the copy's packages.
  if (names.includes(OWN_SCOPE)) cpSync(join(installed, OWN_SCOPE), join(linked, OWN_SCOPE), { recursive: true, verbatimSymlinks: true });
}
