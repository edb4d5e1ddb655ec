import { type CarabinerOptions, ROLES } from "./carabiner-options.ts";
import type { Clock } from "./clock/clock.ts";
import { exposedFiles } from "./exposed-files.ts";
import { networkFileSystem } from "./network-file-system.ts";
import { packageVersion } from "./operations/package-version.ts";
import type { CheckedOptions } from "./read-options.ts";
import { keysFor, locationOf } from "./secret-keys.ts";
import { nodeMark } from "./store/node-mark.ts";
import { newNodeName, openStore } from "./store/open-store.ts";
import type { Store } from "./store/store.ts";

/**
 * Opens the store with the keys for its secrets. Warns of files that other users of this machine can read, and of a
 * disk on another machine. `mark` is this server's mark, which `/livez` shows.
 */
export async function openServerStore(
  options: CarabinerOptions,
  { dev, location, limits, log, roles }: CheckedOptions,
  machine: Clock,
): Promise<{ store: Store; keysFrom: string; mark: string }> {
  const secretKeys = keysFor(location, options.secretKeys, {
    dev,
    onMade: (file) =>
      log.info({ code: "key_file.created", file }, "created the key file that seals the secrets in the database; back it up too"),
  });
  const name = newNodeName();
  const store = await openStore({
    location: locationOf(location),
    now: machine.now(),
    machineNow: machine.now,
    limits,
    node: { name, version: packageVersion(), roles: ROLES.filter((role) => roles.has(role)) },
    onCopied: (file) =>
      log.warn(
        { code: "database.copied", file },
        "copied the database before an upgrade that cannot be undone; delete the copy when you no longer need it",
      ),
    ...(secretKeys === undefined ? {} : { keys: secretKeys }),
  });
  for (const { path, what } of exposedFiles(location, options.secretKeys))
    log.warn({ code: "files.exposed", path }, `other users of this machine can access ${what}`);
  const remote = location !== "memory" && "file" in location ? networkFileSystem(location.file) : null;
  if (remote !== null)
    log.warn(
      { code: "disk.remote", fileSystem: remote },
      "the database is on a network file system, where syncs may not reach a disk and two servers may open it at once: use a disk of this machine",
    );
  return { store, keysFrom: secretKeys?.from ?? "memory", mark: nodeMark(name) };
}
