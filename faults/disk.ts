import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/** What happens to each sync of a file: it fails with EIO, or takes longer. */
export type SyncFault = "fails" | { delayMs: number };

const SYNCS = "fsync,fdatasync";

const tampering = (fault: SyncFault): string =>
  `inject=${SYNCS}:${fault === "fails" ? "error=EIO" : `delay_enter=${fault.delayMs * 1_000}`}`;

/**
 * A program that starts a process whose syncs succeed this many times in each of its threads, and are faulty after
 * that. Throws an error that says what to install.
 */
export function underSyncFault(fault: SyncFault, after: number): readonly string[] {
  checkStrace();
  // -D makes the tracer a grandchild, so that the started process is the node itself.
  return ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", `trace=${SYNCS}`, "-e", `${tampering(fault)}:when=${after + 1}+`];
}

/** A program that starts a process which cannot write files beyond a size. `prlimit` lifts that limit while it runs. */
export function underFileLimit(kib: number): readonly string[] {
  // Without the trap, the signal at the limit would end the process.
  return ["bash", "-c", `trap "" XFSZ; ulimit -S -f ${kib}; exec "$@"`, "limited"];
}

/** Lifts the limit of `underFileLimit`, as if someone had freed space. */
export function liftFileLimit(pid: number): void {
  checked("prlimit", ["--pid", String(pid), "--fsize=unlimited"], "Install util-linux.");
}

/**
 * Makes the syncs of running processes, and of those that they start, faulty. Returns a function that ends this. It
 * needs to be root, and needs strace.
 */
export async function strikeSyncs(pids: readonly number[], fault: SyncFault): Promise<() => Promise<void>> {
  checkStrace();
  const args = ["-f", "-o", "/dev/null", "-e", `trace=${SYNCS}`, "-e", tampering(fault), ...pids.flatMap((pid) => ["-p", String(pid)])];
  const tracer: ChildProcess = spawn("strace", args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  let attached = 0;
  await new Promise<void>((resolve, reject) => {
    tracer.once("exit", () => reject(new Error(`strace ended: ${said}`)));
    tracer.stderr?.on("data", (chunk) => {
      said += chunk;
      attached = said.split("attached").length - 1;
      if (attached >= pids.length) resolve();
    });
  });
  return async () => {
    if (tracer.exitCode !== null || tracer.signalCode !== null) return;
    const exit = once(tracer, "exit");
    tracer.kill("SIGTERM");
    await exit;
  };
}

/** A small separate file system in memory. It needs to be root. */
export interface SmallDisk {
  folder: string;
  resize(mib: number): void;
  remove(): void;
}

/** `owner`: the user who owns it. */
export function mountSmallDisk(mib: number, owner: string): SmallDisk {
  const remedy = "This row mounts a file system: run it as root, in a container with CAP_SYS_ADMIN.";
  const folder = mkdtempSync(join(tmpdir(), "carabiner-small-disk-"));
  checked("mount", ["-t", "tmpfs", "-o", `size=${mib}m`, "tmpfs", folder], remedy);
  if (userInfo().uid === 0) checked("chown", [owner, folder], remedy);
  return {
    folder,
    resize: (to) => checked("mount", ["-o", `remount,size=${to}m`, folder], remedy),
    remove() {
      checked("umount", [folder], remedy);
      rmSync(folder, { recursive: true });
    },
  };
}

function checkStrace(): void {
  checked("strace", ["-qq", "-o", "/dev/null", "true"], "Install strace (apt install strace), and let processes be traced.");
}

function checked(command: string, args: readonly string[], remedy: string): void {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} failed: ${stderr ?? "it is not there"}. ${remedy}`);
}
