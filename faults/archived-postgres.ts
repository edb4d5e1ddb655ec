import { execFileSync, type StdioOptions, spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { delimiter, join } from "node:path";

/** What a server and its copies need, all of one version. */
const PROGRAMS = ["initdb", "pg_ctl", "pg_basebackup", "pg_dump", "pg_restore"];
/** Where Debian and Ubuntu keep the programs of each version. */
const VERSIONS = "/usr/lib/postgresql";

/** A PostgreSQL server that archives its log, with the client programs of its version. */
export interface ArchivedPostgres {
  url: string;
  version: string;
  /** Runs one of the client programs to its end. */
  run(program: string, ...args: string[]): void;
  /** A new folder that the server's user owns. */
  folder(name: string): string;
  /** Starts another server on a copy of the data, which recovers according to `settings`. */
  recover(directory: string, settings: Readonly<Record<string, string>>): Promise<{ url: string }>;
  /** Where the log is archived. */
  archive: string;
  stop(): void;
}

/** Starts one with the programs of this machine. Throws when the machine does not have them. */
export async function startArchivedPostgres(): Promise<ArchivedPostgres> {
  const programs = folderOfPrograms();
  const home = mkdtempSync(join(tmpdir(), "carabiner-archived-"));
  chmodSync(home, 0o755);
  const user = serverUser();
  const running: string[] = [];

  function folder(name: string): string {
    const path = join(home, name);
    mkdirSync(path, { mode: 0o700 });
    if (user !== null) chownSync(path, user.uid, user.gid);
    return path;
  }

  function run(program: string, ...args: string[]): void {
    const stdio: StdioOptions = ["ignore", "ignore", "pipe"];
    const done = spawnSync(join(programs, program), args, { stdio, encoding: "utf8", cwd: home, ...(user ?? {}) });
    if (done.status !== 0) throw new Error(`${program} ended with ${done.status}: ${done.stderr}`);
  }

  async function start(directory: string, settings: Readonly<Record<string, string>>): Promise<string> {
    const port = await freePort();
    const set = { listen_addresses: "127.0.0.1", unix_socket_directories: directory, port: String(port), ...settings };
    const options = Object.entries(set).map(([name, value]) => `-c ${name}='${value}'`);
    // Its output goes to a file: a pipe would stay open as long as the server.
    run("pg_ctl", "start", "--wait", "--timeout=60", "-D", directory, "-l", join(directory, "log"), "-o", options.join(" "));
    running.push(directory);
    return `postgres://postgres@127.0.0.1:${port}/postgres`;
  }

  const data = folder("data");
  const archive = folder("archive");
  run("initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C");
  const url = await start(data, { archive_mode: "on", archive_command: `cp %p ${archive}/%f` });
  return {
    url,
    version: execFileSync(join(programs, "pg_ctl"), ["--version"], { encoding: "utf8" }).match(/[\d.]+/)?.[0] ?? "",
    run,
    folder,
    archive,
    async recover(directory, settings) {
      // Without this file a server does not read an archive. Source:
      // https://www.postgresql.org/docs/18/continuous-archiving.html
      writeFileSync(join(directory, "recovery.signal"), "");
      return { url: await start(directory, settings) };
    },
    stop() {
      for (const directory of running) run("pg_ctl", "stop", "--mode=immediate", "-D", directory);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function folderOfPrograms(): string {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).map((version) => join(VERSIONS, version, "bin")) : [];
  const places = [...(process.env.PATH ?? "").split(delimiter), ...versions.toSorted().reverse()];
  const found = places.find((place) => PROGRAMS.every((program) => existsSync(join(place, program))));
  if (found === undefined) throw new Error("this row needs PostgreSQL with its client programs: apt install postgresql");
  return found;
}

/** PostgreSQL refuses to run as root, so it then runs as the user that was made for it. */
function serverUser(): { uid: number; gid: number } | null {
  if (userInfo().uid !== 0) return null;
  const number = (option: string): number => Number(execFileSync("id", [option, "postgres"], { encoding: "utf8" }));
  return { uid: number("-u"), gid: number("-g") };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
