import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { fileFault } from "@carabiner/server/file-fault";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { controlSocketOf } from "../options/data-directory.ts";
import { type NamedStore, openingFor } from "../options/store-options.ts";
import { printable } from "../output/printable.ts";
import type { Terminal } from "../output/terminal.ts";
import { startFailure, unusable } from "../start-failure.ts";
import { certificateAdvice, isCertificateRefused, reasonOf } from "./certificate-advice.ts";

const { request } = process.getBuiltinModule("node:http");

type Method = "GET" | "POST";

/** The server and the key of an operator's calls over HTTP. */
export interface OperatedServer {
  /** Without a trailing slash. */
  url: string;
  operatorKey: string;
}

/** Makes the operator's calls. Rejects with a `CommandFailure` that says what to do. */
export interface OperatorClient {
  get<Answer>(path: string): Promise<Answer>;
  post<Answer>(path: string, body: object): Promise<Answer>;
}

/** How calls are made: over the socket, or in this process. */
interface Way {
  ask(method: Method, path: string, body?: object): Promise<{ status: number; body: string }>;
  close(): Promise<void>;
}

/** What is reported about a store that is opened. */
type Telling = Pick<Terminal, "tell" | "colours">;

/**
 * Lets `work` make calls, over the control socket of the server that runs on a data directory. If no server runs there,
 * or for a PostgreSQL database, which servers may be using, the store is open in this process meanwhile. Calls to a
 * server by its URL are made with an operator key. `terminal` gets a message when a key file is made with a new
 * database, or a copy is made before an upgrade.
 */
export async function askOperator<Result>(
  place: NamedStore | OperatedServer,
  terminal: Telling,
  work: (client: OperatorClient) => Promise<Result>,
): Promise<Result> {
  const way = "operatorKey" in place ? overHttp(place) : await atStore(place, terminal);
  const ask = async <Answer>(method: Method, path: string, body?: object): Promise<Answer> => {
    const answer = await way.ask(method, path, body);
    const parsed = parse<Answer & { error?: Record<string, unknown> }>(answer);
    if (answer.status >= 400) throw refusal(answer.status, parsed.error ?? {});
    return parsed;
  };
  try {
    return await work({ get: (path) => ask("GET", path), post: (path, body) => ask("POST", path, body) });
  } finally {
    await way.close();
  }
}

/** Whether a server that answers the operator's calls runs on a data directory; false for a PostgreSQL database. */
export async function serverRunsOn(kept: NamedStore): Promise<boolean> {
  const socket = controlSocketFor(kept);
  return socket !== null && (await socketAnswers(socket));
}

const controlSocketFor = ({ store, shown }: NamedStore): string | null =>
  "file" in store && process.platform !== "win32" ? controlSocketOf(shown) : null;

async function atStore(kept: NamedStore, terminal: Telling): Promise<Way> {
  const socket = controlSocketFor(kept);
  return socket !== null && (await socketAnswers(socket)) ? overSocket(socket) : inThisProcess(kept, socket, terminal);
}

function overHttp({ url, operatorKey }: OperatedServer): Way {
  return {
    async ask(method, path, body) {
      const text = body === undefined ? null : JSON.stringify(body);
      const headers = { authorization: `Bearer ${operatorKey}`, ...(text === null ? {} : { "content-type": "application/json" }) };
      try {
        const answer = await fetch(url + path, { method, headers, body: text, redirect: "manual" });
        return { status: answer.status, body: await answer.text() };
      } catch (error) {
        const cause = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
        const what = isCertificateRefused(cause) ? "Cannot trust the server at" : "No server answers at";
        throw new CommandFailure(`${what} ${url} (${reasonOf(cause) ?? String(error)}).`, {
          advice: certificateAdvice(cause) ?? "Give its address with --url or CARABINER_URL.",
          exitCode: EXIT_CODES.unreachable,
          cause: error,
        });
      }
    },
    close: async () => undefined,
  };
}

/** Whether a server listens on a socket. A server that was killed leaves its socket behind. */
export async function socketAnswers(socket: string): Promise<boolean> {
  const connection = connect(socket);
  try {
    await once(connection, "connect");
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ECONNREFUSED" || code === "EINVAL") return false;
    if (code === "EACCES")
      throw new CommandFailure(`Not allowed to use the control socket ${socket}.`, {
        advice: "Run this as the user that runs the server.",
        cause: error,
      });
    throw new CommandFailure(`The control socket ${socket} cannot be used: ${fileFault(error)}.`, { cause: error });
  } finally {
    connection.destroy();
  }
}

function overSocket(socketPath: string): Way {
  return {
    async ask(method, path, body) {
      const text = body === undefined ? null : JSON.stringify(body);
      const headers = text === null ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
      const asked = request({ socketPath, method, path, headers, agent: false });
      try {
        asked.end(text ?? undefined);
        // No timeout, because a backup takes longer for a larger database.
        const [answer] = (await once(asked, "response")) as [IncomingMessage];
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(chunk as Buffer);
        return { status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") };
      } catch (error) {
        throw new CommandFailure(`The server ended before it answered (${(error as NodeJS.ErrnoException).code ?? String(error)}).`, {
          advice: "Check its log, and whether it did what was asked, before you try again.",
          exitCode: EXIT_CODES.unreachable,
          cause: error,
        });
      }
    },
    close: async () => undefined,
  };
}

async function inThisProcess(kept: NamedStore, socket: string | null, terminal: Telling): Promise<Way> {
  const { openOperator } = await import("@carabiner/server");
  try {
    return await openOperator({
      ...openingFor(kept, terminal),
      onKeyFile: (path) =>
        terminal.tell(
          terminal.colours.err.dim(`Secrets are sealed with the key in ${path}, which was made. A backup of the database needs it too.`),
        ),
    });
  } catch (error) {
    if (socket !== null && error instanceof Error && error.name === "StoreUnavailable")
      throw new CommandFailure(unusable(kept.shown, error), {
        details: [`no server answers at ${socket}`],
        advice: "The server may be starting, or have no control socket: its log says why. Try again, or stop it first.",
        cause: error,
      });
    const database = "file" in kept.store ? kept.store.file : kept.shown;
    throw startFailure(error, { command: "serve", host: "", port: 0, database }) ?? error;
  }
}

/** The JSON of an answer. Throws for one that is not from a Carabiner server. */
function parse<Answer>({ status, body }: { status: number; body: string }): Answer {
  try {
    return JSON.parse(body) as Answer;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new CommandFailure(`The answer (${status}) is not Carabiner's.`, {
      advice: "Another program may be listening there. Check --url or CARABINER_URL.",
      cause: error,
    });
  }
}

/** The command that lists the existing ids, by the parameter that named an unknown one. */
const LISTED_BY: Readonly<Record<string, string>> = {
  platform: "carabiner platforms list",
  key: "carabiner keys list",
  operator: "carabiner operators list",
};

/** What to do about a refusal; null when its message says so. */
function adviceFor(status: number, code: unknown, param: unknown): string | null {
  if (status === 401) return "Set CARABINER_OPERATOR_KEY to a key of this server: `carabiner operators add` makes one.";
  if (status === 409 || status === 429 || status === 503) return "Try again in a moment.";
  if (status >= 500) return "Look at the server's log.";
  const list = code === "resource_missing" && typeof param === "string" ? LISTED_BY[param] : undefined;
  return list === undefined ? null : `List what there is: ${list}`;
}

function refusal(status: number, { message, code, type, param }: Record<string, unknown>): CommandFailure {
  const facts = [`${status} ${printable(String(code ?? type ?? ""))}`.trim()];
  if (typeof param === "string") facts.push(`parameter ${printable(param)}`);
  const advice = adviceFor(status, code, param);
  const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
  return new CommandFailure(printable(String(message ?? "The server refused without a reason.")), {
    refusal: { status, type: text(type), code: text(code), param: text(param), request: null },
    details: [facts.join(" · ")],
    ...(advice === null ? {} : { advice }),
    exitCode: code === "resource_missing" ? EXIT_CODES.notFound : EXIT_CODES.error,
  });
}
