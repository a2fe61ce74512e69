package dev.caravan.check;

import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.RunBook;
import java.time.Clock;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** One check: the files of the store first, then what lies at each remote. */
public final class CheckRun {

  private final RunBook book;
  private final CheckRequest.Terms terms;
  private final Findings findings;
  private final LocalCheck local;
  private final RemoteRepair repair;
  private final List<RemoteCheck> remotes;
  private final long begunMillis;
  private Optional<String> failure = Optional.empty();

  CheckRun(
      CheckWorld world, CheckRequest.Terms terms, RunBook book, CheckMeters meters, Clock clock) {
    this.book = book;
    this.terms = terms;
    this.begunMillis = clock.millis();
    this.findings = new Findings(book, meters);
    List<CheckRemote> all = world.remotes().get();
    List<CheckRemote> checkable = all.stream().filter(CheckRemote::isCheckable).toList();
    Optional<LocalRepair> mender =
        terms.repair()
            ? Optional.of(new LocalRepair(world, checkable, book::isCancelled))
            : Optional.empty();
    this.local = new LocalCheck(world, terms.mode(), book, findings, mender, clock);
    this.repair = new RemoteRepair(world, checkable, terms.repair(), book::isCancelled, clock);
    this.remotes =
        all.stream()
            .map(remote -> new RemoteCheck(remote, terms.mode(), book, findings, repair))
            .toList();
  }

  RunBook book() {
    return book;
  }

  CheckRequest.Terms terms() {
    return terms;
  }

  Findings findings() {
    return findings;
  }

  LocalCheck local() {
    return local;
  }

  long begunMillis() {
    return begunMillis;
  }

  /** The files of the store, page by page from the catalog. */
  public Iterator<FileRow> getFiles() {
    local.begin();
    return local.files();
  }

  /** Each remote's part, in the configured order. */
  public List<RemoteCheck> getRemotes() {
    return remotes;
  }

  /** True when the next sync has something to send again. */
  boolean isSyncWanted() {
    return repair.resent() > 0;
  }

  /** Something unforeseen ends the run. */
  synchronized void fail(String message) {
    if (failure.isEmpty()) {
      failure = Optional.of(message);
    }
  }

  synchronized Optional<String> failure() {
    return failure;
  }
}
