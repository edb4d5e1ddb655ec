import type { Carabiner, CarabinerOptions } from "@carabiner/server";
import { programName } from "./as-run.ts";
import { DEFAULT_URL } from "./options/server-options.ts";
import { formatFields } from "./output/table.ts";
import type { Terminal } from "./output/terminal.ts";
import { exportLine, type StripeCliSocket } from "./stripe-cli-socket.ts";

/** The parts of a running server that the message shows. */
export type Ready = Pick<Carabiner, "url" | "dashboard" | "host" | "port" | "account" | "applications" | "keys" | "forwarding">;

/** Where it keeps everything (null for memory), and where it forwards events to. */
export interface ReadyContext {
  database: string | null;
  forward?: CarabinerOptions["forward"];
  /** The socket for the Stripe CLI, if it has one. */
  socket?: Pick<StripeCliSocket, "path"> | null;
}

/** The message when `carabiner dev` is ready: its address, its keys, and what to try first. */
export function devReadyMessage(
  { url, dashboard, host, port, account, applications, keys, forwarding }: Ready,
  { database, forward, socket = null }: ReadyContext,
  { colours, env }: Pick<Terminal, "colours" | "env">,
): string {
  const { bold, cyan, dim, green } = colours.out;
  const program = programName(env);
  const elsewhere = url === DEFAULT_URL ? "" : ` --url ${url}`;
  const fields = formatFields(
    [
      ["API", bold(cyan(url))],
      ...(dashboard === null ? [] : [["dashboard", bold(cyan(dashboard))] as const]),
      ["secret keys", `${keys.test.secret}   ${keys.live.secret}`],
      ["publishable keys", `${keys.test.publishable}   ${keys.live.publishable}`],
      ["platform", `${account}`],
      ["client ids", `test ${applications.test}   live ${applications.live}`],
      ...(forward?.to === undefined ? [] : [["own events to", forward.to] as const]),
      ...(forward?.connectTo === undefined ? [] : [["accounts' events to", forward.connectTo] as const]),
      [
        "signing secret",
        forwarding === null
          ? "each endpoint has its own, whsec_…: creating it shows the secret"
          : `${bold(forwarding.secret)}   other endpoints have their own`,
      ],
      ["data", database === null ? "in memory, gone when the server stops; --data DIR keeps it" : database],
    ],
    dim,
  );
  const tries: readonly (readonly [string, string])[] = [
    ...(forward?.connectTo === undefined
      ? [["register a Connect endpoint", `${program} endpoints create http://127.0.0.1:4242/connect --connect${elsewhere}`] as const]
      : []),
    ["connect an account", `curl ${url}/v1/accounts -u ${keys.test.secret}: -d type=express`],
    ["the Stripe SDK", `new Stripe("${keys.test.secret}", { host: "${host}", port: ${port}, protocol: "http" })`],
    ["the Stripe CLI", `stripe trigger account.updated --api-base ${url} --api-key ${keys.test.secret}`],
    ...(socket === null ? [] : [["the Stripe CLI without flags, such as stripe listen", exportLine(socket, keys.test.secret)] as const]),
    ["turn the clock", `${program} clock advance 3d${elsewhere}`],
  ];
  const indent = (text: string): string => text.replaceAll(/^(?=.)/gm, "  ");
  return [
    "",
    `${bold("Carabiner")} ${green("is ready")}`,
    "",
    indent(fields),
    "",
    indent(dim("Try")),
    ...tries.map(([what, line]) => indent(`${dim(`# ${what}`)}\n${line}`)),
    "",
    indent(dim("Ctrl+C stops it.")),
    "",
  ].join("\n");
}
