/** The exit codes of the command. `docs/cli.md` lists the same numbers. */
export const EXIT_CODES = {
  /** The command succeeded. */
  ok: 0,
  /** The server refused the request, a delivery failed, or something on this machine prevented the work. */
  error: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The id does not exist, on the server or in the inbox. */
  notFound: 3,
  /** No server answered. */
  unreachable: 4,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
