import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { extname, join, sep } from "node:path";

/** A file of the built dashboard. */
export interface DashboardFile {
  bytes: Buffer;
  type: string;
  /** The same bytes as compressed by the build, by the name of the content coding. */
  compressed: ReadonlyMap<"br" | "gzip", Buffer>;
  /** Whether its name has a hash of its content, so that it never changes. */
  immutable: boolean;
  etag: string;
}

/** The built dashboard. */
export interface BuiltDashboard {
  /** `index.html`. Its links are relative to the folder that it is in. */
  page: string;
  /** All other files, by their path below that folder, with `/`. */
  files: ReadonlyMap<string, DashboardFile>;
}

/** Content types of what a build makes; anything else is sent as bytes. */
const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".md": "text/plain; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

const CODINGS = { ".br": "br", ".gz": "gzip" } as const;

/** Where the built page may be: beside this module in a published package, or in its own package of the workspace. */
const DASHBOARD_FOLDERS: readonly string[] = [join(import.meta.dirname, "page"), join(import.meta.dirname, "../../../dashboard/dist")];

/**
 * Reads the built dashboard from the first of these folders that contains one, and reads it again after a new build.
 * Resolves with null while no folder contains one. Everything is kept in memory, so a request cannot name any other
 * file.
 */
export function createDashboardFiles(folders: readonly string[] = DASHBOARD_FOLDERS): () => Promise<BuiltDashboard | null> {
  let known: { folder: string; builtAt: number; built: BuiltDashboard } | null = null;
  return async () => {
    for (const folder of folders) {
      const builtAt = await changedAt(join(folder, "index.html"));
      if (builtAt === null) continue;
      if (known?.folder !== folder || known.builtAt !== builtAt) known = { folder, builtAt, built: await readFolder(folder) };
      return known.built;
    }
    return null;
  };
}

/** When a file was changed, Unix milliseconds; null if the file does not exist. */
async function changedAt(path: string): Promise<number | null> {
  return (await stat(path).catch(ignoreMissing))?.mtimeMs ?? null;
}

function ignoreMissing(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
  throw error;
}

async function readFolder(folder: string): Promise<BuiltDashboard> {
  const bytes = new Map<string, Buffer>();
  // Uses only names: the entries of folders in an executable file do not say where they are.
  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name);
    if (name.endsWith(".map") || !(await stat(path)).isFile()) continue;
    bytes.set(name.split(sep).join("/"), await readFile(path));
  }
  const files = new Map<string, DashboardFile>();
  for (const [path, content] of bytes) {
    const extension = extname(path);
    if (path === "index.html" || Object.hasOwn(CODINGS, extension)) continue;
    const compressed = new Map<"br" | "gzip", Buffer>();
    for (const [suffix, coding] of Object.entries(CODINGS)) {
      const smaller = bytes.get(path + suffix);
      if (smaller !== undefined) compressed.set(coding, smaller);
    }
    const type = TYPES[extension] ?? "application/octet-stream";
    files.set(path, { bytes: content, type, compressed, immutable: path.startsWith("assets/"), etag: etagOf(content) });
  }
  return { page: bytes.get("index.html")?.toString("utf8") ?? "", files };
}

/** A strong validator of some content. Source: RFC 9110, 8.8.3 */
export function etagOf(content: Buffer | string): string {
  return `"${createHash("sha256").update(content).digest("base64url").slice(0, 22)}"`;
}
