import { CommandFailure } from "./command-failure.ts";
import { EXIT_CODES } from "./exit-codes.ts";

/** What was being started, for use in the message. */
export interface Start {
  command: string;
  host: string;
  port: number;
  /** The database file, or the PostgreSQL database without its password; null for memory. */
  database: string | null;
}

/** The flag for each forwarding address, which the server validates. The secret is never invalid. */
const FORWARD_FLAGS: Readonly<Record<string, string>> = {
  to: "--forward-to",
  connectTo: "--forward-connect-to",
  secret: "the webhook secret",
};

/** The flag for each egress option, which the server validates. */
const EGRESS_FLAGS: Readonly<Record<string, string>> = {
  allowedRanges: "--allow-network",
  refusedPorts: "--refuse-port",
  allowedPorts: "--allow-port",
  nameServers: "--name-server",
  proxy: "--egress-proxy",
};

/** The flag for each option of a platform, which the server validates. */
const PLATFORM_FLAGS: Readonly<Record<string, string>> = {
  name: "--name",
  country: "--country",
  defaultMcc: "--default-mcc",
  apiVersion: "--api-version",
};

/**
 * Why a server did not start, for the person who started it; null for a bug. Codes of sockets:
 * https://nodejs.org/api/errors.html#common-system-errors
 */
export function startFailure(error: unknown, { command, host, port, database }: Start): CommandFailure | null {
  if (!(error instanceof Error)) return null;
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case "EADDRINUSE":
      if (isOther(error, { host, port })) return otherPortFailure(error, "is in use");
      return new CommandFailure(`Port ${port} of ${host} is in use.`, {
        advice: `A server may be running there already: use it, stop it, or take another port: carabiner ${command} --port ${port + 1} (0 takes any that is free).`,
        cause: error,
      });
    case "EACCES":
      if (isOther(error, { host, port })) return otherPortFailure(error, "may not be used");
      return new CommandFailure(`Not allowed to listen on port ${port} of ${host}.`, {
        advice: `Ports below 1024 need special rights. Take another: carabiner ${command} --port 12111.`,
        cause: error,
      });
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      if (isOther(error, { host, port })) return otherPortFailure(error, NOT_HERE);
      return new CommandFailure(`This machine has no address ${host}.`, {
        advice: "Leave --host out for this machine alone, or give 0.0.0.0 for all its addresses.",
        cause: error,
      });
  }
  if (error.name === "UnusableSocket")
    return new CommandFailure(error.message, { advice: "Give another with --unix-socket.", cause: error });
  if (error.name === "InvalidLimit") {
    const { limit = "" } = error as { limit?: string };
    return new CommandFailure(`--limit ${limit}: ${error.message}`, { exitCode: EXIT_CODES.usage, cause: error });
  }
  if (error.name === "InvalidEgress") {
    const flag = EGRESS_FLAGS[(error as { option?: string }).option ?? ""] ?? "egress";
    return new CommandFailure(`${flag}: ${error.message}`, { exitCode: EXIT_CODES.usage, cause: error });
  }
  if (error.name === "InvalidPlatform") {
    const { option = "" } = error as { option?: string };
    const says = error.message.replace(`${option}: `, "");
    return new CommandFailure(`${PLATFORM_FLAGS[option] ?? option}: ${says}`, { exitCode: EXIT_CODES.usage, cause: error });
  }
  if (error.name === "InvalidForwarding") {
    const flag = FORWARD_FLAGS[(error as { option?: string }).option ?? ""] ?? "--forward-to";
    return new CommandFailure(`${flag}: ${error.message}`, { exitCode: EXIT_CODES.usage, cause: error });
  }
  if (database !== null && (error as { keysDiffer?: boolean }).keysDiffer === true)
    return new CommandFailure(`Cannot use the database ${database}: ${error.message}`, {
      advice: "See docs/secrets.md for which key a database needs.",
      cause: error,
    });
  if (database?.startsWith("postgres://") === true) {
    const failure = postgresFailure(error, database);
    if (failure !== null) return failure;
  }
  if (database !== null && error.name === "WrongStorePurpose") {
    return new CommandFailure(`Cannot use the database ${database}: ${error.message}.`, {
      advice: "Give another directory with --data.",
      cause: error,
    });
  }
  if (error.name === "MissingTracer")
    return new CommandFailure(`--traceparent: ${error.message.replace("traceparent: ", "")}`, {
      exitCode: EXIT_CODES.usage,
      advice: `Load it with the command: NODE_OPTIONS="--import ./tracing.mjs" carabiner ${command} --traceparent`,
      cause: error,
    });
  if (error.name === "UnusableCertificate")
    return new CommandFailure(error.message, { advice: "Look at --tls-cert and --tls-key.", cause: error });
  if (error.name === "UnusableKeys" || error.name === "UnusableFile") return remedied(error);
  if (database !== null && error.name === "UnfitDatabase") {
    return new CommandFailure(`Cannot use the database ${database}: ${error.message}`, { cause: error });
  }
  if (database !== null && (error.name === "StoreUnavailable" || code === "ERR_SQLITE_ERROR")) {
    return new CommandFailure(unusable(database, error), {
      advice: SQLITE_ADVICE[sqliteCode(error)] ?? "Stop the server that uses it, or give another directory with --data.",
      cause: error,
    });
  }
  return null;
}

/** An error of the server that says what to do. */
export function remedied(error: Error): CommandFailure {
  const { remedy = null } = error as { remedy?: string | null };
  return new CommandFailure(error.message, { ...(remedy === null ? {} : { advice: remedy }), cause: error });
}

/**
 * What to do about a file that SQLite cannot use, by its primary result code. Source:
 * https://www.sqlite.org/rescode.html
 */
const SQLITE_ADVICE: Readonly<Record<number, string>> = {
  7: "Give this process more memory.",
  8: "Look at who may write the folder and the files in it, and whether its file system can be written.",
  10: "Look at the disk, and at what the system's log says of it.",
  11: "Restore a backup into an empty folder: carabiner restore --from FILE --data DIR",
  13: "Make room on the disk, and try again.",
  14: "Look at who may read and write the folder and the files in it, and how many files this process may open.",
  26: "Give another directory with --data: this file is something else.",
};

/** SQLite's primary result code for an error or its cause; 0 if it has none. */
function sqliteCode(error: Error): number {
  const { errcode } = { ...(error.cause as { errcode?: number } | undefined), ...(error as { errcode?: number }) };
  return (errcode ?? 0) & 0xff;
}

/**
 * A message that a database cannot be used, and why. It names the database only once, because an error may already name
 * it.
 */
export function unusable(database: string, { message }: Error): string {
  return message.startsWith("The database ") && message.includes(database) ? message : `Cannot use the database ${database}: ${message}`;
}

/** Where a server could not listen, as Node.js says it. */
type ListenError = Error & { address?: string; hostname?: string; port?: number };

/** The message about an address that belongs to another machine. */
const NOT_HERE = "is not on this machine";

/**
 * Whether it is not the port of the API but that of the metrics. An error does not name port 0. It names the address,
 * or a host name that has none.
 */
function isOther({ address, hostname, port = 0 }: ListenError, own: { host: string; port: number }): boolean {
  if (hostname !== undefined) return hostname !== own.host;
  return address !== undefined && (port !== own.port || (port === 0 && address !== own.host && own.host !== "localhost"));
}

function otherPortFailure(error: ListenError, what: string): CommandFailure {
  const { address = "", hostname = address, port = 0 } = error;
  if (what === NOT_HERE)
    return new CommandFailure(`This machine has no address ${hostname}, for the metrics.`, {
      advice: "Leave --metrics-host out for this machine alone, or give 0.0.0.0 for all its addresses.",
      cause: error,
    });
  return new CommandFailure(`Port ${port} of ${address}, for the metrics, ${what}.`, {
    advice: "Give another with --metrics-port or --metrics-host.",
    cause: error,
  });
}

/** Why a PostgreSQL database cannot be used. Codes: https://www.postgresql.org/docs/18/errcodes-appendix.html */
function postgresFailure(error: Error, database: string): CommandFailure | null {
  const told = (message: string, advice: string) =>
    new CommandFailure(`Cannot use the database ${database}: ${message}`, { advice, cause: error });
  const { code } = { ...(error.cause as NodeJS.ErrnoException | undefined), ...(error as NodeJS.ErrnoException) };
  switch (code) {
    case "28P01":
    case "28000":
      return told("it does not let this user in.", "Look at the user and the password of the URL, and at pg_hba.conf.");
    case "3D000":
      return told("there is no such database.", "Make it first: createdb NAME");
    case "42501":
      return told("this user may not make tables in it.", "Let the user own the database: ALTER DATABASE NAME OWNER TO USER");
  }
  switch (error.name) {
    case "StoreUnavailable":
      return told(error.message, "Look whether PostgreSQL runs there and takes connections from this machine.");
    case "WrongStorePurpose":
      return told(`${error.message}.`, "Name another database with --database.");
    case "UnfitDatabase":
      return told(error.message, "See docs/scaling.md for what a database must be.");
  }
  return null;
}
