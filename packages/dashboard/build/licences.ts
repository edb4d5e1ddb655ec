import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

/** One package whose code is in the build. */
interface Bundled {
  name: string;
  version: string;
  licence: string;
  /** The text of its licence, which the licences ask to be passed on. */
  text: string;
  /** Bytes of it in the build, before compression. */
  bytes: number;
}

/** Writes `licences.txt` into the build: every package that is in it, with its size, and the text of its licence. */
export function licences(): Plugin {
  return {
    name: "licences",
    apply: "build",
    async generateBundle(_, bundle) {
      const sizes = new Map<string, number>();
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk") continue;
        for (const [module, { renderedLength }] of Object.entries(chunk.modules)) {
          const folder = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1];
          if (folder !== undefined) sizes.set(folder, (sizes.get(folder) ?? 0) + renderedLength);
        }
      }
      const packages: Bundled[] = [];
      for (const [folder, bytes] of sizes) packages.push(await bundled(folder, bytes));
      packages.sort((one, other) => other.bytes - one.bytes);
      this.emitFile({ type: "asset", fileName: "licences.txt", source: report(packages) });
    },
  };
}

async function bundled(folder: string, bytes: number): Promise<Bundled> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Record<string, string>;
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
  const text = file === undefined ? "" : await readFile(join(folder, file), "utf8");
  return { name: name ?? dirname(folder), version: version ?? "", licence: license ?? "", text: text.trim(), bytes };
}

function report(packages: readonly Bundled[]): string {
  const rows = packages.map(
    ({ name, version, licence, bytes }) => `${`${name} ${version}`.padEnd(44)}${licence.padEnd(14)}${String(bytes).padStart(8)} bytes`,
  );
  const texts = packages.map(({ name, version, licence, text }) => `${name} ${version} (${licence})\n\n${text}`);
  return `Packages in the dashboard, by their size before minification.\n\n${rows.join("\n")}\n\n${"-".repeat(80)}\n\n${texts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}
