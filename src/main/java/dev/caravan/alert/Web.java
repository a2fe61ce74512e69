package dev.caravan.alert;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Sends to addresses that are secrets themselves: no message names more of them than the host, and
 * no redirect is followed, for it could lead anywhere.
 */
final class Web {

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);

  private final Duration limit;
  private Optional<HttpClient> client = Optional.empty();

  /**
   * @param limit for one request, all in all
   */
  Web(Duration limit) {
    this.limit = limit;
  }

  void get(URI address) throws DeliveryException, InterruptedException {
    send(request(address).GET().build());
  }

  void post(URI address, String json, Map<String, String> headers)
      throws DeliveryException, InterruptedException {
    HttpRequest.Builder request = request(address).header("Content-Type", "application/json");
    headers.forEach(request::header);
    send(request.POST(HttpRequest.BodyPublishers.ofString(json, StandardCharsets.UTF_8)).build());
  }

  private HttpRequest.Builder request(URI address) {
    return HttpRequest.newBuilder(address).timeout(limit).header("User-Agent", "Caravan");
  }

  private void send(HttpRequest request) throws DeliveryException, InterruptedException {
    String host = request.uri().getHost();
    int status;
    try {
      HttpResponse<InputStream> answer =
          client().send(request, HttpResponse.BodyHandlers.ofInputStream());
      // What it says is of no interest, and may have no end.
      answer.body().close();
      status = answer.statusCode();
    } catch (IOException e) {
      // The message of the cause may repeat the address.
      throw new DeliveryException(host + " cannot be reached: " + e.getClass().getSimpleName());
    }
    if (status >= 300 && status < 400) {
      throw new DeliveryException(
          "%s answers %d, a redirect, and none is followed: write the address that it leads to"
              .formatted(host, status));
    }
    if (status < 200 || status >= 300) {
      throw new DeliveryException(host + " answers " + status);
    }
  }

  private synchronized HttpClient client() {
    HttpClient made =
        client.orElseGet(
            () ->
                HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .connectTimeout(CONNECT_LIMIT)
                    .build());
    client = Optional.of(made);
    return made;
  }
}
