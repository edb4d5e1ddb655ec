// The health check of a container: ends with 0 when the server in it is ready, and otherwise with 1 and the reason.
// A Service of Kubernetes may set CARABINER_PORT to a URL, which the server passes over too.
const given = process.env.CARABINER_PORT ?? "";
const port = /^\d+$/.test(given) ? given : 12_111;
try {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_000) });
  if (!response.ok) throw new Error(await response.text());
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
