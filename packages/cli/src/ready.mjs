// The health check of a container: ends with 0 when the server in it is ready, and otherwise with 1 and the reason.
const { request: requestPlain } = process.getBuiltinModule("node:http");
const { request: requestEncrypted } = process.getBuiltinModule("node:https");

// A Service of Kubernetes may set CARABINER_PORT to a URL, which the server also ignores.
const given = process.env.CARABINER_PORT ?? "";
const port = /^\d+$/.test(given) ? given : 12_111;
const encrypted = (process.env.CARABINER_TLS_CERT ?? "") !== "";
// The certificate is for the public name, not for the loopback address, and nothing secret is sent.
const options = { host: "127.0.0.1", port, path: "/readyz", rejectUnauthorized: false, signal: AbortSignal.timeout(2_000) };

function fail(reason) {
  process.stderr.write(`${reason}\n`);
  process.exitCode = 1;
}

(encrypted ? requestEncrypted : requestPlain)(options, async (response) => {
  try {
    const body = (await response.toArray()).join("");
    if (response.statusCode !== 200) fail(body);
  } catch (error) {
    fail(error.message);
  }
})
  .on("error", (error) => fail(error.message))
  .end();
