/** How the command ends. `docs/cli.md` lists the same numbers. */
export const EXIT_CODES = {
  /** It did what it was asked. */
  ok: 0,
  /** The server refused, a delivery failed, or something on this machine stood in the way. */
  error: 1,
  /** The command line is wrong. */
  usage: 2,
  /** Nothing is there by that id: on the server, or in the inbox. */
  notFound: 3,
  /** No server answered. */
  unreachable: 4,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
