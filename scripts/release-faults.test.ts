import { expect, test } from "vitest";
import { published, repositoryOf } from "./build-package.ts";
import { type Release, releaseFaults } from "./release-faults.ts";

const repository = repositoryOf("a", { GITHUB_SERVER_URL: "https://git.example.com", GITHUB_REPOSITORY: "acme/carabiner" });
const manifest: Record<string, unknown> = published(
  {
    name: "@carabiner/a",
    version: "1.2.3",
    description: "A",
    license: "MIT",
    type: "module",
    private: true,
    engines: { node: ">=24" },
    scripts: { build: "x" },
    exports: { ".": "./src/index.ts", "./b": "./src/b/b.ts" },
    bin: { a: "./src/main.ts" },
    dependencies: { "@carabiner/protocol": "1.2.3", fastify: "5.12.8" },
  },
  "esm and cjs",
  repository,
);
const files = ["index", "b/b", "main", "cjs/index", "cjs/b/b"].flatMap((file) => [`${file}.js`, `${file}.d.ts`]);
const good: Release = {
  manifest,
  files: ["package.json", "README.md", "LICENSE", "cjs/package.json", ...files],
  name: "@carabiner/a",
  version: "1.2.3",
  repository,
};
const without = (...names: string[]) => ({ ...good, files: good.files.filter((file) => !names.includes(file)) });
const also = (...names: string[]) => ({ ...good, files: [...good.files, ...names] });
const but = (fields: object) => ({ ...good, manifest: { ...manifest, ...fields } });

test("a package as it is built has no fault, in a workflow and outside one", () => {
  expect(releaseFaults(good)).toEqual([]);
  expect(repositoryOf("a", {})).toBeNull();
  expect(releaseFaults({ ...but({ repository: undefined }), repository: null })).toEqual([]);
});

test.each<[what: string, release: Release, fault: string]>([
  ["a private one", but({ private: true }), "it is private"],
  ["one with another name", but({ name: "a" }), 'its name is "a"'],
  ["one that kept the version before", but({ version: "1.2.2" }), 'its version is "1.2.2", and the workspace\'s 1.2.3'],
  ["a prerelease", { ...but({ version: "1.2.3-rc.1", dependencies: {} }), version: "1.2.3-rc.1" }, "1.2.3-rc.1 is not a release's"],
  ["one that runs a script where it is installed", but({ scripts: { postinstall: "node x.js" } }), "it has scripts"],
  ["one whose `files` are those of the sources", but({ files: ["src"] }), "it has `files`"],
  ["one without a licence's name", but({ license: undefined }), "it has no license"],
  ["one without engines", but({ engines: {} }), "it has no engines"],
  ["one without its licence", without("LICENSE"), "LICENSE is missing"],
  ["one without a module that it exports", without("b/b.js"), "exports names ./b/b.js, which is not in it"],
  ["one without the types of its CommonJS form", without("cjs/b/b.d.ts"), "exports names ./cjs/b/b.d.ts, which is not in it"],
  ["one whose exports Node.js refuses", but({ exports: { ".": "index.js" } }), "exports names index.js, which does not begin with ./"],
  ["one whose `main` is old", but({ main: "./lib/index.js" }), "main names ./lib/index.js, which is not in it"],
  ["one without its command", without("main.js"), "bin names main.js, which is not in it"],
  ["one that nothing can be done with", but({ exports: undefined, bin: undefined }), "it has neither exports nor a command"],
  ["one with sources", also("src/index.ts"), "src/index.ts is in it"],
  ["one with tests", also("b/b.test.js"), "b/b.test.js is in it"],
  ["one with a key", also("b/secrets.key"), "b/secrets.key is in it"],
  ["one with settings of npm", also(".npmrc"), ".npmrc is in it"],
  ["one that contains the package before it", also("carabiner-a-1.2.2.tgz"), "carabiner-a-1.2.2.tgz is in it"],
  [
    "one that needs a sibling of the version before",
    but({ dependencies: { "@carabiner/protocol": "1.2.2" } }),
    "@carabiner/protocol 1.2.2",
  ],
  ["one that needs a folder of the repository", but({ dependencies: { b: "file:../b" } }), "b file:../b, which no registry has"],
  ["one that npm would make private", but({ publishConfig: { provenance: true } }), "access is public"],
  ["one without provenance", but({ publishConfig: { access: "public" } }), "does not ask for provenance"],
  ["one that names no repository", but({ repository: undefined }), "its repository is undefined"],
  [
    "one that names another repository",
    but({ repository: { ...repository, url: "git+https://git.example.com/other/a.git" } }),
    "other/a.git",
  ],
])("%s is not released", (_what, release, fault) => {
  expect(releaseFaults(release)).toEqual([expect.stringContaining(fault)]);
});
