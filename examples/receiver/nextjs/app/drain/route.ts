import { hooks } from "../../hooks";

export const dynamic = "force-dynamic";

/**
 * What the cron job of `vercel.json` calls: tries again what failed, and takes what a function left that was stopped.
 */
export async function GET(request: Request): Promise<Response> {
  if (request.headers.get("authorization") !== `Bearer ${process.env.CRON_SECRET}`) return new Response(null, { status: 401 });
  const { tries, empty } = await hooks.drain({ budgetMs: 25_000 });
  return Response.json({ tries, empty });
}
