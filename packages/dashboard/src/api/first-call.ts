import { createContext, useContext } from "react";
import { useClient } from "./client-context.ts";
import { type Mode, SERVER_PATH } from "./place.ts";

/** Whether this is a development server, whose keys are public. */
export const DevelopmentContext = createContext(false);

/** A call that a user can paste into a shell to see something on an empty page. */
interface FirstCall {
  command: string;
  /** What the shell needs first. */
  note?: string;
}

/** The keys of all development servers. */
const KNOWN_KEYS: Readonly<Record<Mode, string>> = { test: "sk_test_carabinerForLocalTesting", live: "sk_live_carabinerForLocalTesting" };

const NEEDS_KEY = "It takes a secret key of this platform from CARABINER_API_KEY.";

/**
 * A curl command that calls a server: a POST with the fields, or a GET without fields. The page does not know a key, so
 * the command takes it from the environment, except on a development server.
 */
export function firstCall(
  { url, mode, development }: { url: string; mode: Mode; development: boolean },
  path: string,
  fields: readonly string[] = [],
): FirstCall {
  const key = development ? KNOWN_KEYS[mode] : '"$CARABINER_API_KEY"';
  const command = [`curl ${url}${path} -u ${key}:`, ...fields.map((field) => `-d ${/^[\w=:/.]+$/.test(field) ? field : `'${field}'`}`)];
  return { command: command.join(" "), ...(development ? {} : { note: NEEDS_KEY }) };
}

/** Calls to the server of this page, in the mode that the page shows. */
export function useFirstCall(): (path: string, fields?: readonly string[]) => FirstCall {
  const { mode } = useClient();
  const development = useContext(DevelopmentContext);
  return (path, fields) => firstCall({ url: location.origin + SERVER_PATH, mode, development }, path, fields);
}

/** Connects an account, which causes events. */
export const CONNECT_ACCOUNT = ["/v1/accounts", ["type=express"]] as const;

/** Creates a Connect endpoint for everything. */
export const CREATE_ENDPOINT = [
  "/v1/webhook_endpoints",
  ["url=http://127.0.0.1:4242/webhook", "connect=true", "enabled_events[]=*"],
] as const;
