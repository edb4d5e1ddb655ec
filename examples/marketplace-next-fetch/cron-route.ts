import { hooks } from "./hooks.ts";

// app/health/route.ts: called each minute by the platform's cron. It works off what other processes left.
export async function GET(): Promise<Response> {
  await hooks.drain({ budgetMs: 25_000 });
  return Response.json(await hooks.depth());
}
