package dev.caravan;

import dev.caravan.cli.Engine.CommandFailure;
import dev.caravan.config.Secret;
import dev.caravan.config.Settings;
import dev.caravan.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Talks to the daemon that works on the same store. */
final class DaemonClient {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Something in the request says what cannot be: the same as bad usage of a command. */
  private static final int NOT_UNDERSTOOD = 422;

  private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(10);

  private final String address;
  private final Optional<Secret> token;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private DaemonClient(String address, Optional<Secret> token) {
    this.address = address;
    this.token = token;
  }

  /** The daemon, where one answers. */
  static Optional<DaemonClient> find(Settings settings) {
    return StateFolder.findAddress(settings.store())
        .flatMap(
            address ->
                Optional.of(new DaemonClient(address.url(), settings.http().authToken()))
                    .filter(client -> client.answersAs(address.instance())));
  }

  private boolean answersAs(String instance) {
    try {
      URI live = URI.create(address + "/observe/health/live");
      HttpResponse<String> answer =
          send(HttpRequest.newBuilder(live).timeout(ANSWER_PATIENCE).build());
      return answer.statusCode() == 200 && answer.body().contains(instance);
    } catch (IOException | IllegalArgumentException | InterruptedException e) {
      return false;
    }
  }

  Map<String, @Nullable Object> get(String path) throws CommandFailure {
    return ask(request(path).GET().build());
  }

  Map<String, @Nullable Object> post(String path, Map<String, Object> body) throws CommandFailure {
    return ask(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(Json.write(body)))
            .build());
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(address + path)).timeout(PATIENCE);
    token.ifPresent(secret -> builder.header("Authorization", "Bearer " + secret.reveal()));
    return builder;
  }

  private Map<String, @Nullable Object> ask(HttpRequest request) throws CommandFailure {
    try {
      HttpResponse<String> response = send(request);
      Map<String, @Nullable Object> body = Json.read(response.body());
      if (response.statusCode() >= 400) {
        throw new CommandFailure(
            response.statusCode() == NOT_UNDERSTOOD ? 2 : 1,
            "The daemon at %s refused (%d): %s"
                .formatted(address, response.statusCode(), body.get("detail")),
            null);
      }
      return body;
    } catch (IOException e) {
      throw new CommandFailure(
          1, "The daemon at %s did not answer: %s".formatted(address, e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(1, "Interrupted while waiting for the daemon", e);
    }
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }
}
