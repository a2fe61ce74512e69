package dev.caravan.remote.rclone.rcd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.config.RcloneSettings;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What rclone can be asked, whether or not its child runs already: it is started when it is needed,
 * and again when it died.
 */
public final class Rclone implements AutoCloseable {

  public static final ObjectMapper JSON = new ObjectMapper();

  /** The remote's root, as rclone's commands name it. */
  public static final String ROOT = RcloneCommand.ROOT;

  private static final int OK = 200;

  private final RcloneSettings settings;
  private final Map<String, String> environment;
  private final RcloneLimits limits;
  private final RcloneErrors errors;
  private final SecureRandom random = new SecureRandom();
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .proxy(HttpClient.Builder.NO_PROXY)
          .build();

  private @Nullable StoreSource source;
  private @Nullable Running running;
  private volatile boolean closed;

  /** A child, and what it wants to hear from those who call it. */
  private record Running(RcloneChild child, String authorization, RcloneVersion version) {}

  /**
   * @param environment ours, of which the child gets what it needs
   */
  public Rclone(RcloneSettings settings, Map<String, String> environment, RcloneLimits limits) {
    this.settings = settings;
    this.environment = Map.copyOf(environment);
    this.limits = limits;
    this.errors = new RcloneErrors(settings.name(), settings.remote());
  }

  public RcloneErrors errors() {
    return errors;
  }

  public RcloneLimits limits() {
    return limits;
  }

  /** What is sent comes from here. */
  public synchronized StoreSource source() throws RemoteException {
    if (source == null) {
      try {
        source = StoreSource.open(random);
      } catch (IOException e) {
        throw errors.of(Cause.OTHER, "no port of loopback can be opened: " + e.getMessage(), e);
      }
    }
    return source;
  }

  /** The version of the child, which runs then. */
  public String version() throws RemoteException {
    return running().version().text();
  }

  /** Where the child listens, which runs then. */
  public URI address() throws RemoteException {
    return running().child().address();
  }

  /** How far a transfer has come; anything that changes while it goes on. */
  public interface Progress {
    long moved() throws RemoteException;
  }

  /**
   * Gives a command, and waits as long as the child is there and answers.
   *
   * @param doing for messages, such as {@code "delete 'a'"}
   * @throws RemoteException with {@code NO_SUCH_OBJECT} when what it names is not there
   */
  public JsonNode call(String doing, String command, ObjectNode input) throws RemoteException {
    return parse(doing, ask(doing, command, input, () -> 0, OptionalLong.empty()));
  }

  /** Gives a command that transfers something, and breaks it off when nothing moves any more. */
  public JsonNode transfer(String doing, String command, ObjectNode input, Progress progress)
      throws RemoteException {
    OptionalLong stall = OptionalLong.of(limits.stall().toNanos());
    return parse(doing, ask(doing, command, input, progress, stall));
  }

  /** Gives a command with a long answer; the caller closes. */
  public InputStream stream(String doing, String command, ObjectNode input) throws RemoteException {
    return ask(doing, command, input, () -> 0, OptionalLong.empty());
  }

  /**
   * Fetches an object's content.
   *
   * @param path with its escapes, as it stands in an address
   * @param range the value of a header; empty for all of it
   */
  public HttpResponse<InputStream> get(String doing, String path, String range)
      throws RemoteException {
    Running child = running();
    HttpRequest.Builder request = request(child, path).GET();
    if (!range.isEmpty()) {
      request.header("Range", range);
    }
    return await(doing, child, request.build(), () -> 0, OptionalLong.empty());
  }

  /** Makes an input for the remote's root; the caller adds to it. */
  public static ObjectNode atRoot(String path) {
    return JSON.createObjectNode().put("fs", RcloneCommand.ROOT).put("remote", path);
  }

  private InputStream ask(
      String doing, String command, ObjectNode input, Progress progress, OptionalLong stall)
      throws RemoteException {
    Running child = running();
    HttpRequest request =
        request(child, command)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(input.toString()))
            .build();
    HttpResponse<InputStream> answer = await(doing, child, request, progress, stall);
    if (answer.statusCode() == OK) {
      return answer.body();
    }
    String said = parse(doing, answer.body()).path("error").asText("no reason given");
    throw errors.of(doing, answer.statusCode(), said);
  }

  private JsonNode parse(String doing, InputStream body) throws RemoteException {
    try (body) {
      return JSON.readTree(body);
    } catch (IOException e) {
      throw broken(doing, e);
    }
  }

  private static HttpRequest.Builder request(Running child, String path) {
    URI address = URI.create(child.child().address() + path);
    return HttpRequest.newBuilder(address).header("Authorization", child.authorization());
  }

  /** Between two looks we sleep; when something is wrong, the call ends with what it is. */
  private HttpResponse<InputStream> await(
      String doing, Running child, HttpRequest request, Progress progress, OptionalLong stall)
      throws RemoteException {
    CompletableFuture<HttpResponse<InputStream>> answer =
        http.sendAsync(request, BodyHandlers.ofInputStream());
    long moved = -1;
    long since = System.nanoTime();
    try {
      while (true) {
        try {
          return answer.get(limits.look().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          ensureAnswers(doing, child);
          long now = progress.moved();
          since = now == moved ? since : System.nanoTime();
          moved = now;
          if (stall.isPresent() && System.nanoTime() - since > stall.getAsLong()) {
            throw errors.of(
                Cause.NETWORK,
                "cannot "
                    + doing
                    + ": nothing moved for "
                    + limits.stall()
                    + "; tried again later");
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw errors.of(Cause.CANCELLED, "cancelled", e);
    } catch (ExecutionException e) {
      throw ended(doing, child, e);
    } finally {
      if (!answer.isDone()) {
        answer.cancel(true); // An answer that has begun is left to its reader.
      }
    }
  }

  /** A child that was stopped, or has run wild, is ended; the next call starts another. */
  private void ensureAnswers(String doing, Running child) throws RemoteException {
    HttpRequest question =
        request(child, "rc/noop").timeout(limits.answer()).POST(BodyPublishers.noBody()).build();
    try {
      http.send(question, BodyHandlers.discarding());
    } catch (IOException e) {
      child.child().kill();
      throw errors.of(
          Cause.SERVER,
          "cannot %s: rclone did not answer for %s and was ended; it is started again"
              .formatted(doing, limits.answer()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw errors.of(Cause.CANCELLED, "cancelled", e);
    }
  }

  /** How many bytes the transfers of a group have read; for {@link Progress}. */
  public long transferred(String group) throws RemoteException {
    ObjectNode input = JSON.createObjectNode().put("group", group);
    return call("ask for progress", "core/stats", input).path("bytes").asLong();
  }

  /** A child that gave up by itself, for its configuration, would do so again. */
  private RemoteException ended(String doing, Running child, ExecutionException e) {
    try {
      Optional<String> end = closed ? Optional.empty() : child.child().end();
      if (end.isPresent()) {
        return errors.of(
            Cause.NOT_THERE, "cannot " + doing + ": rclone ended: " + end.get() + "; mend that", e);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return errors.of(Cause.CANCELLED, "cancelled", interrupted);
    }
    return broken(doing, e);
  }

  /** What a call ends with whose connection broke. */
  public RemoteException broken(String doing, Throwable because) {
    if (closed) {
      return errors.of(Cause.CANCELLED, "cancelled", because);
    }
    return errors.of(
        Cause.SERVER, "cannot " + doing + ": rclone broke off; it is started again", because);
  }

  private synchronized Running running() throws RemoteException {
    if (closed) {
      throw errors.of(Cause.CANCELLED, "cancelled");
    }
    if (running != null && running.child().isAlive()) {
      return running;
    }
    if (running != null) {
      running.child().kill();
      running = null;
    }
    RcloneVersion version =
        RcloneVersion.ask(RcloneCommand.version(settings, environment), limits.start(), errors);
    byte[] secret = new byte[32];
    random.nextBytes(secret);
    String password = HexFormat.of().formatHex(secret);
    RcloneCommand command = RcloneCommand.server(settings, environment, password, source());
    byte[] both = (RcloneChild.USER + ":" + password).getBytes(StandardCharsets.UTF_8);
    String authorization = "Basic " + Base64.getEncoder().encodeToString(both);
    running = new Running(RcloneChild.start(command, limits, errors), authorization, version);
    return running;
  }

  @Override
  public void close() {
    closed = true;
    synchronized (this) {
      if (running != null) {
        running.child().close();
      }
      if (source != null) {
        source.close();
      }
    }
  }
}
