package dev.caravan.snapshot.voice;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The phases of a run, one after the other: a line of JSON as each ends, and the last words. For
 * one thread at a time.
 */
public final class Phases {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.datamover");

  private final MoverVoice voice;
  private final Clock clock;
  private final Instant startedAt;
  private Instant phaseAt;
  private volatile String phase;
  private boolean ended;

  /**
   * @param env of this process; it may say where the last words go
   * @param lines take a line of JSON each
   * @param first the phase that begins now
   */
  public Phases(Map<String, String> env, Consumer<String> lines, Clock clock, String first) {
    this.voice = new MoverVoice(env, lines);
    this.clock = clock;
    this.startedAt = clock.instant();
    this.phaseAt = startedAt;
    this.phase = first;
  }

  /** What is under way is this from now on; its time counts since the end of the one before. */
  public void enter(String name) {
    phase = name;
  }

  /** What is under way. */
  public String current() {
    return phase;
  }

  /** When the first began. */
  public Instant startedAt() {
    return startedAt;
  }

  /** Since the first began. */
  public double seconds() {
    return seconds(startedAt);
  }

  /** What is under way has ended well. */
  public void done(Map<String, ?> facts) {
    voice.phase(phase, "done", seconds(phaseAt), facts);
    phaseAt = clock.instant();
  }

  /**
   * All has ended; said once, whatever comes after it.
   *
   * @param error what ended it before its end, in one line; nothing when it succeeded
   * @param facts for the last line of JSON
   * @param summary for people: the log's last line, and what Kubernetes shows
   */
  public synchronized void end(Optional<String> error, Map<String, ?> facts, String summary) {
    if (ended) {
      return;
    }
    ended = true;
    if (error.isPresent()) {
      voice.phase(phase, "failed", seconds(phaseAt), Map.of("error", error.get()));
      LOG.error(summary);
    } else {
      LOG.info(summary);
    }
    Map<String, Object> last = new LinkedHashMap<>();
    last.put("exit_code", error.isPresent() ? 1 : 0);
    last.putAll(facts);
    error.ifPresent(what -> last.put("error", what));
    last.put("summary", summary);
    voice.phase("end", error.isPresent() ? "failed" : "succeeded", seconds(), last);
    voice.end(summary);
  }

  /** The last words of what ended before its first phase. */
  public static void sayLast(Map<String, String> env, String summary) {
    new MoverVoice(env, line -> {}).end(summary);
  }

  /** What a failure says, in one line. */
  public static String messageOf(Throwable fault) {
    String message = fault.getMessage();
    String said = message == null || message.isBlank() ? fault.toString() : message;
    return said.replaceAll("\\p{Cntrl}", "?");
  }

  private double seconds(Instant since) {
    return Duration.between(since, clock.instant()).toMillis() / 1e3;
  }
}
