package dev.caravan.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** Follows {@code /api/events} and keeps what it is told. */
final class EventReader implements AutoCloseable, Flow.Subscriber<String> {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<Told> told = new CopyOnWriteArrayList<>();
  private final List<String> comments = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Flow.Subscription> begun = new CompletableFuture<>();
  private long id;
  private String kind = "";

  /** One event. */
  record Told(long id, String kind, JsonNode fields) {
    String text(String field) {
      return fields.path(field).asText();
    }
  }

  static EventReader of(HttpClient http, int port, String query, String... headers) {
    EventReader reader = new EventReader();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/events" + query));
    if (headers.length > 0) {
      request.headers(headers);
    }
    http.sendAsync(request.build(), HttpResponse.BodyHandlers.fromLineSubscriber(reader));
    Awaitility.await("listening")
        .atMost(Duration.ofSeconds(30))
        .until(() -> reader.comments.contains(": listening"));
    return reader;
  }

  /** In the order in which they came. */
  List<Told> told() {
    return told;
  }

  List<Told> files() {
    return told.stream().filter(each -> each.kind().equals("file")).toList();
  }

  List<String> comments() {
    return comments;
  }

  long lastId() {
    return told.get(told.size() - 1).id();
  }

  void await(String what, Predicate<Told> wanted) {
    Awaitility.await(what)
        .atMost(Duration.ofSeconds(30))
        .until(() -> told.stream().anyMatch(wanted));
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    begun.complete(subscription);
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(String line) {
    if (line.startsWith(":")) {
      comments.add(line);
    } else if (line.startsWith("id: ")) {
      id = Long.parseLong(line.substring(4));
    } else if (line.startsWith("event: ")) {
      kind = line.substring(7);
    } else if (line.startsWith("data: ")) {
      try {
        told.add(new Told(id, kind, JSON.readTree(line.substring(6))));
      } catch (IOException e) {
        throw new IllegalStateException("not JSON: " + line, e);
      }
    }
  }

  @Override
  public void onError(Throwable fault) {
    comments.add(": broke: " + fault);
  }

  @Override
  public void onComplete() {
    comments.add(": ended");
  }

  /** Goes away. */
  @Override
  public void close() {
    begun.join().cancel();
  }
}
