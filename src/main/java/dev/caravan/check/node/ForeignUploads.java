package dev.caravan.check.node;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.UploadTable;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Uploads in parts at a remote that somebody began and did not end, and of which the catalog knows
 * nothing: another program's, or our own from before the catalog was lost. They are told and left
 * alone, for nobody can say here whether they are still being sent.
 */
public final class ForeignUploads {

  private static final int MOST = 1_000;

  /** Who sends something now has begun it lately. */
  private static final Duration LATELY = Duration.ofDays(1);

  private final Catalog catalog;

  public ForeignUploads(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * Asks a remote: one question for a thousand of them.
   *
   * @return what a person should know; empty when there is none older than a day
   */
  public Optional<String> look(Remote remote, int id, Instant now) throws RemoteException {
    Set<String> ours =
        catalog.uploads().list(id).stream()
            .map(UploadTable.Begun::path)
            .collect(Collectors.toSet());
    List<Remote.Begun> foreign =
        remote.begunUploads(MOST).stream()
            .filter(each -> !ours.contains(each.key().value()))
            .filter(each -> each.begunAt().isBefore(now.minus(LATELY)))
            .toList();
    return foreign.stream()
        .min(Comparator.comparing(Remote.Begun::begunAt))
        .map(oldest -> told(remote, foreign.size(), oldest));
  }

  private static String told(Remote remote, int number, Remote.Begun oldest) {
    return ("Remote '%s' keeps parts of %s%d uploads that this store did not begin, or forgot; the"
            + " oldest is of '%s', begun %s. They cost as stored data and are left alone: abort"
            + " them, or give the bucket a rule that does (AbortIncompleteMultipartUpload)")
        .formatted(
            remote.name(),
            number >= MOST ? "at least " : "",
            number,
            oldest.key(),
            oldest.begunAt());
  }
}
