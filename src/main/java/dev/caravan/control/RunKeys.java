package dev.caravan.control;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RunTable;
import dev.caravan.event.RunId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Lets a client that had no answer ask again without fear: a request with an {@code
 * Idempotency-Key} starts a run once, and is answered with that run whenever it is sent again.
 */
final class RunKeys {

  private static final Duration KEPT = Duration.ofHours(24);
  private static final int KEPT_MAX = 10_000;
  private static final String HEADER = "Idempotency-Key";

  private final Catalog catalog;
  private final Clock clock;

  /** The run that fulfils a wish, and how it stood when the wish came. */
  record Ticket(RunId run, String status) {}

  RunKeys(Catalog catalog, Clock clock) {
    this.catalog = catalog;
    this.clock = clock;
  }

  /**
   * Answers with the run of the same request before, or starts one.
   *
   * @param what names the endpoint and all that was asked of it
   */
  Ticket once(Request request, String what, Supplier<Ticket> start) {
    Optional<String> key = request.header(HEADER);
    if (key.isEmpty()) {
      return start.get();
    }
    if (!key.get().matches("[!-~]{1,255}")) {
      throw new ApiFault(422, HEADER + " must be 1 to 255 printable characters, no blank");
    }
    return once(key.get(), fingerprint(what), start);
  }

  /** One at a time, so that the same request sent twice at once starts one run, too. */
  private synchronized Ticket once(String key, String fingerprint, Supplier<Ticket> start) {
    long now = clock.millis();
    Optional<RunTable.Keyed> before = catalog.runs().findKeyed(key, now - KEPT.toMillis());
    if (before.isPresent()) {
      if (!before.get().fingerprint().equals(fingerprint)) {
        throw new ApiFault(422, HEADER + " was sent before with another request: take a new one");
      }
      return new Ticket(before.get().run(), before.get().status());
    }
    Ticket ticket = start.get();
    RunTable.Keyed answer = new RunTable.Keyed(fingerprint, ticket.run(), ticket.status());
    catalog.commit(
        session -> {
          catalog.runs().recordKeyed(session, key, answer, now);
          catalog.runs().forgetKeys(session, now - KEPT.toMillis(), KEPT_MAX);
        });
    return ticket;
  }

  private static String fingerprint(String what) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(what.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Java has no SHA-256", e);
    }
  }
}
