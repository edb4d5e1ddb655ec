import { after } from "next/server";
import { hooks } from "../../hooks";

/** Takes webhooks. Handlers that still run when it answers are waited for: on Vercel `after` is `waitUntil`. */
export function POST(request: Request): Promise<Response> {
  return hooks.fetch(request, { waitUntil: after });
}
