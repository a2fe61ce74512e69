package dev.caravan.control;

import dev.caravan.catalog.RunView;
import dev.caravan.event.StorePath;
import dev.caravan.restore.Restores;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;

/** The step of {@code POST /api/read}; registered as the bean {@code reading}. */
public final class ReadSteps {

  /** Those who wait hold no thread, but memory and a connection each. */
  private static final int WAITERS_MAX = 1_000;

  /** So many files are named in an answer; all are counted. */
  private static final int NAMED_MAX = 10_000;

  /** So many are named in all answers together: of many who wait, each has a share. */
  private static final int NAMED_TOGETHER = 320_000;

  private final Restores restores;
  private final AtomicInteger waiters = new AtomicInteger();

  public ReadSteps(Restores restores) {
    this.restores = restores;
  }

  /** Makes every file below a path local; the answer is there once they are. */
  public CompletableFuture<Void> read(Exchange exchange) {
    Body body = Request.of(exchange).body(Map.of("path", Body.Kind.TEXT));
    String path =
        body.text("path").orElseThrow(() -> new ApiFault(422, "path is missing: say what to read"));
    String root = rootOf(path);
    if (waiters.incrementAndGet() > WAITERS_MAX) {
      waiters.decrementAndGet();
      throw new ApiFault(429, "%d readers wait already: ask again".formatted(WAITERS_MAX));
    }
    Answer answer = new Answer(path);
    return restores
        .read(root, answer)
        .handle(
            (nothing, fault) -> {
              waiters.decrementAndGet();
              if (fault != null) {
                throw ApiFault.of(Restores.reasonOf(fault));
              }
              Answers.json(exchange, 200, answer.view());
              return nothing;
            });
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

  /** What is known of a file that is named in an answer. */
  private record Named(StorePath path, long sizeBytes, long modifiedNs, boolean restored) {
    Map<String, Object> view() {
      Map<String, Object> view = new LinkedHashMap<>();
      view.put("path", path.value());
      view.put("size", sizeBytes);
      view.put("modified_at", String.valueOf(RunView.time(Math.floorDiv(modifiedNs, 1_000_000L))));
      view.put("restored", restored);
      return view;
    }
  }

  /** What one reader is answered; one thread at a time adds to it. */
  private final class Answer implements Restores.Reader {
    private final String path;
    private final List<Named> files = new ArrayList<>();
    private long restored;
    private long bytes;

    Answer(String path) {
      this.path = path;
    }

    @Override
    public void file(StorePath file, Restores.Brought brought) {
      boolean came = brought.from().isPresent();
      long size = brought.stat().sizeBytes();
      restored += came ? 1 : 0;
      bytes += size;
      if (files.size() < Math.min(NAMED_MAX, NAMED_TOGETHER / Math.max(1, waiters.get()))) {
        files.add(new Named(file, size, brought.stat().modifiedNs(), came));
      }
    }

    Map<String, Object> view() {
      Map<String, Object> view = new LinkedHashMap<>();
      view.put("path", path);
      view.put("files", files.stream().map(Named::view).toList());
      view.put("restored", restored);
      view.put("bytes", bytes);
      return view;
    }
  }
}
