package dev.caravan.api;

import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Asks a running server, and holds every answer against the description. */
public final class ApiCaller {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");

  private final ApiDocument document;
  private final String address;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  public ApiCaller(ApiDocument document, int port) {
    this.document = document;
    this.address = "http://127.0.0.1:" + port;
  }

  public ApiAnswer get(String path) {
    return ask("GET", path, Map.of(), Optional.empty());
  }

  /** Sends JSON, or what should be. */
  public ApiAnswer post(String path, String body) {
    return ask("POST", path, JSON, Optional.of(body));
  }

  /** Sends a request that is to be answered with this status. */
  public ApiAnswer ask(
      String method,
      String path,
      Map<String, String> headers,
      Optional<String> body,
      int expected) {
    ApiAnswer answer = ask(method, path, headers, body);
    assertThat(answer.status()).as("%s %s: %s", method, path, answer).isEqualTo(expected);
    return answer;
  }

  /** Sends a request; an answer that is not as described, or none within half a minute, fails. */
  public ApiAnswer ask(
      String method, String path, Map<String, String> headers, Optional<String> body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(address + path))
            .timeout(LIMIT)
            .method(
                method,
                body.map(
                        text ->
                            HttpRequest.BodyPublishers.ofByteArray(
                                text.getBytes(StandardCharsets.UTF_8)))
                    .orElse(HttpRequest.BodyPublishers.noBody()));
    headers.forEach(request::header);
    try {
      ApiAnswer answer = ApiAnswer.of(http.send(request.build(), ofString()));
      document.check(method, path, answer);
      return answer;
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
