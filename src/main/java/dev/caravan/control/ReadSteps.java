package dev.caravan.control;

import dev.caravan.catalog.RunView;
import dev.caravan.event.StorePath;
import dev.caravan.restore.RestoreException;
import dev.caravan.restore.Restores;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.apache.camel.Exchange;

/** The step of {@code POST /api/read}; registered as the bean {@code reading}. */
public final class ReadSteps {

  /** Those who wait hold a thread each, of the {@code ApiServer}'s. */
  public static final int WAITERS_MAX = 64;

  /** So many files are named in an answer; all are counted. */
  private static final int NAMED_MAX = 10_000;

  private final Restores restores;
  private final Semaphore waiters = new Semaphore(WAITERS_MAX);

  public ReadSteps(Restores restores) {
    this.restores = restores;
  }

  /** Makes every file below a path local, and answers once they are. */
  public void read(Exchange exchange) {
    Body body = Request.of(exchange).body(Map.of("path", Body.Kind.TEXT));
    String path =
        body.text("path").orElseThrow(() -> new ApiFault(422, "path is missing: say what to read"));
    String root = rootOf(path);
    if (!waiters.tryAcquire()) {
      throw new ApiFault(429, "%d readers wait already: ask again".formatted(WAITERS_MAX));
    }
    try {
      Answers.json(exchange, 200, read(path, root));
    } catch (RestoreException e) {
      throw new ApiFault(ApiFault.statusOf(e), String.valueOf(e.getMessage()));
    } finally {
      waiters.release();
    }
  }

  /** {@code .} is the whole store; a slash at a folder's end says nothing. */
  public static String rootOf(String path) {
    String trimmed = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    if (trimmed.equals(".")) {
      return "";
    }
    try {
      return StorePath.of(trimmed).value();
    } catch (IllegalArgumentException e) {
      throw new ApiFault(422, "path: " + e.getMessage());
    }
  }

  private Map<String, Object> read(String path, String root) throws RestoreException {
    List<Map<String, Object>> files = new ArrayList<>();
    long[] totals = {0, 0};
    restores.read(
        root,
        (file, brought) -> {
          boolean restored = brought.from().isPresent();
          totals[0] += restored ? 1 : 0;
          totals[1] += brought.stat().sizeBytes();
          if (files.size() < NAMED_MAX) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("path", file.value());
            one.put("size", brought.stat().sizeBytes());
            long millis = Math.floorDiv(brought.stat().modifiedNs(), 1_000_000L);
            one.put("modified_at", String.valueOf(RunView.time(millis)));
            one.put("restored", restored);
            files.add(one);
          }
        });
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("path", path);
    answer.put("files", files);
    answer.put("restored", totals[0]);
    answer.put("bytes", totals[1]);
    return answer;
  }
}
