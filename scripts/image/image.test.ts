import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "../house/repository-files.ts";
import { start, type TriedCommand, tryEndpoint } from "../try-command.ts";
import { type BareImage, buildBareImage } from "./bare-image.ts";
import { readDockerfile, restOf, wordsOf } from "./dockerfile.ts";

const run = promisify(execFile);
/** Only root can become another user. */
const root = process.getuid?.() === 0;

let image: BareImage;
beforeAll(async () => {
  image = await buildBareImage();
}, 180_000);
afterAll(() => image.remove());

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Runs what the manifest for SQLite runs before the first start, twice: the second time there is a platform. */
async function makeFirstPlatform(env: Record<string, string>, user: object): Promise<void> {
  const manifest = readFileSync(join(ROOT, "deploy/kubernetes/sqlite.yaml"), "utf8");
  const [, indented = ""] = /args:\n +- \|\n((?: {14}.*\n)+)/.exec(manifest) ?? [];
  const script = indented.replace(/^ {14}/gm, "").replace(/\/(?:opt|var)\//g, (folder) => `${image.root}${folder}`);
  const PATH = `${join(image.node, "..")}:/usr/bin:/bin`;
  for (let time = 0; time < 2; time++) await run("sh", ["-euc", script], { env: { ...env, PATH }, cwd: image.volume, ...user });
}

/**
 * Every file and folder of the image outside its volume, and what there is of the user in folders that all may write
 * to.
 */
function outside(): string[] {
  const inImage = readdirSync(image.root, { recursive: true, encoding: "utf8" }).map((name) => join(image.root, name));
  const shared = root ? [tmpdir(), "/tmp", "/var/tmp", "/dev/shm"].filter(existsSync).flatMap((folder) => ownedBy(image.uid, folder)) : [];
  return [...new Set([...inImage, ...shared])].filter((path) => !path.startsWith(image.volume)).sort();
}

function ownedBy(uid: number, folder: string): string[] {
  // Others' files come and go meanwhile.
  const owner = (path: string): number | undefined => lstatSync(path, { throwIfNoEntry: false })?.uid;
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => owner(path) === uid);
}

test("what the image starts serves as its user, is found healthy, and writes to its volume alone", { timeout: 60_000 }, async () => {
  const port = await freePort();
  const user = root ? { uid: image.uid, gid: image.gid } : {};
  const [program, ...first] = image.entrypoint;
  expect(program).toBe("node");
  // As it is, but for the addresses: nothing here listens on others than the loopback.
  const env = { ...image.env, CARABINER_HOST: "127.0.0.1", CARABINER_PORT: String(port), CARABINER_ALLOW_NETWORK: "127.0.0.0/8" };
  const tried: TriedCommand = { command: [image.node, ...first], folder: image.volume, env, ...user };
  const healthCheck = () => run(image.node, image.healthCheck.slice(1), { env, cwd: image.volume, ...user });
  // All of the image but the volume belongs to another user, as with a read-only root.
  if (!root) chmodSync(join(image.root, "opt"), 0o555);
  const before = outside();

  await expect(healthCheck()).rejects.toMatchObject({ code: 1 });
  await makeFirstPlatform(env, user);
  const made = readFileSync(join(image.volume, "first-platform.json"), "utf8");
  {
    await using server = await start(tried, [...image.command, "--json"]);
    expect(server.ready.url).toBe(`http://127.0.0.1:${port}`);
    await healthCheck();
    expect(await (await fetch(`${server.ready.url}/dashboard`)).text()).toContain("<script");
    await tryEndpoint(server.ready.url, (JSON.parse(made) as { keys: { test: { secret: string } } }).keys.test.secret);
  }
  await expect(healthCheck()).rejects.toMatchObject({ code: 1 });
  expect(readdirSync(image.volume)).toEqual(expect.arrayContaining(["carabiner.db", "secrets.key"]));
  expect(outside()).toEqual(before);
});

test("the image, the unit and the manifests agree on user, volume and port", () => {
  const [, stage] = readDockerfile(readFileSync(join(ROOT, "Dockerfile"), "utf8"));
  if (stage === undefined) throw new Error("The Dockerfile has one stage.");
  const [uid = "", gid = ""] = restOf(stage, "USER").split(":");
  const volume = restOf(stage, "VOLUME");
  const port = restOf(stage, "EXPOSE");
  expect(Number(uid)).toBeGreaterThan(0);
  expect(wordsOf(stage, "CMD")).toContain(volume);
  const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
  for (const file of ["deploy/kubernetes/sqlite.yaml", "deploy/kubernetes/postgres.yaml"]) {
    const text = read(file);
    expect(text).toContain(`runAsUser: ${uid}`);
    expect(text).toContain(`runAsGroup: ${gid}`);
    expect(text).toContain(`containerPort: ${port}`);
    expect(text).toMatch(/readinessProbe:\n\s+httpGet: \{ path: \/readyz,/);
    expect(text).toMatch(/livenessProbe:\n\s+httpGet: \{ path: \/livez,/);
  }
  expect(read("deploy/kubernetes/sqlite.yaml")).toContain(`mountPath: ${volume} }`);
  expect(read("compose.yaml")).toContain(`["carabiner:${volume}"]`);
  // A tmpfs in the volume's place gets its rights and belongs to root: the server could not read its own home.
  expect(read("deploy/compose.postgres.yaml")).not.toContain(volume);
  expect(read("deploy/carabiner.service")).toContain(`StateDirectory=${volume.replace("/var/lib/", "")}`);
});

test("an instruction before the first FROM is refused", () => {
  expect(() => readDockerfile("RUN true\n")).toThrow("RUN true comes before FROM");
});
