package shop;

import com.stripe.StripeClient;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/** A server of its own, in memory, on a free port. */
final class Carabiner implements AutoCloseable {
  private static final String KEY = "sk_test_carabinerForLocalTesting";
  private final Process process;
  private final BufferedReader output;
  final String url;

  Carabiner() throws IOException {
    process =
        new ProcessBuilder("carabiner", "dev", "--port", "0", "--json", "--log-level", "error")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    // The first line says that it is ready, and where.
    output = process.inputReader();
    url = JsonParser.parseString(output.readLine()).getAsJsonObject().get("url").getAsString();
  }

  /** Turns the clock, and returns when everything due on the way has happened. */
  void advance(int seconds) throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(url + "/v1/test_helpers/clock/advance"))
            .header("Authorization", "Bearer " + KEY)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString("seconds=" + seconds))
            .build();
    var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    if (answer.statusCode() != 200) throw new IOException(answer.body());
  }

  /** The official SDK, pointed at it. */
  StripeClient client() {
    return StripeClient.builder().setApiKey(KEY).setApiBase(url).setConnectBase(url).setFilesBase(url).build();
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    process.waitFor();
  }
}
