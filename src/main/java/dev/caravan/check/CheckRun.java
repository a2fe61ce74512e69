package dev.caravan.check;

import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.RunBook;
import dev.caravan.event.Caller;
import java.time.Clock;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** One check: the files of the store first, then what lies at each remote. */
public final class CheckRun {

  private final CheckWorld world;
  private final RunBook book;
  private final CheckRequest.Terms terms;
  private final Findings findings;
  private final LocalCheck local;
  private final RemoteRepair repair;
  private final Drill drill;
  private final Clock clock;
  private final List<RemoteCheck> remotes;
  private final long begunMillis;
  private Optional<String> failure = Optional.empty();

  CheckRun(
      CheckWorld world, CheckRequest.Terms terms, RunBook book, CheckMeters meters, Clock clock) {
    this.world = world;
    this.book = book;
    this.terms = terms;
    this.clock = clock;
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
            .map(
                remote ->
                    new RemoteCheck(remote, terms.mode(), scope(remote), book, findings, repair))
            .toList();
    this.drill = new Drill(world, checkable, book, findings);
  }

  private Scope scope(CheckRemote remote) {
    return terms.daily()
        ? new ShareScope(world, remote, clock)
        : new WholeScope(world.catalog(), remote, terms.mode());
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
    if (terms.daily()) {
      return Collections.emptyIterator();
    }
    local.begin();
    return local.files();
  }

  /** Compares the folders and links of the store. */
  void lookAtNodes() {
    if (!terms.daily()) {
      guarded("folders and links", local::lookAtNodes);
    }
  }

  /** Each remote's part, in the configured order. */
  public List<RemoteCheck> getRemotes() {
    return remotes;
  }

  /** Restores a few files beside the store, where today's share has that in it. */
  void drill() {
    if (terms.daily()) {
      drill.go();
    }
  }

  /** True when the next sync has something to send again. */
  boolean isSyncWanted() {
    return repair.resent() > 0;
  }

  /** Looks at one file of the store. */
  void look(FileRow file) {
    guarded(file.path().value(), () -> local.look(file));
  }

  /** Looks at one object of a remote. */
  void look(RemoteCheck remote, RemoteCheck.Subject subject) {
    guarded(remote.name(), () -> remote.look(subject));
  }

  private void guarded(String what, Runnable look) {
    try (Caller.Calls calls = Caller.until(book::isCancelled)) {
      look.run();
    } catch (RuntimeException e) {
      world.catalog().noteFault(e);
      fail("%s: %s".formatted(what, e.getMessage() == null ? e : e.getMessage()));
    }
  }

  /** Something unforeseen ends the run. */
  synchronized void fail(String message) {
    if (failure.isEmpty()) {
      failure = Optional.of(message);
      book.cancel();
    }
  }

  synchronized Optional<String> failure() {
    return failure;
  }
}
