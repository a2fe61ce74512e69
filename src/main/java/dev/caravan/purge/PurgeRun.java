package dev.caravan.purge;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.purge.PurgeTable;
import dev.caravan.catalog.purge.PurgeTable.Candidate;
import dev.caravan.catalog.sql.Pages;
import dev.caravan.event.EventContent.FileChange.Change;
import dev.caravan.purge.PurgeGate.Open;
import dev.caravan.purge.PurgeGate.Shut;
import java.time.Clock;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** One purge: judges file after file, the longest unused first, until enough space is free. */
public final class PurgeRun {

  private final Parts parts;
  private final RunBook book;
  private final PurgeRequest request;
  private final Clock clock;
  private final long begunMillis;
  private final KeptFiles kept;
  private Optional<String> halt;
  private Optional<String> failure = Optional.empty();
  private boolean enough;

  /**
   * What a purge is made of.
   *
   * @param refusal why the store must not be worked on at this moment
   */
  record Parts(
      Catalog catalog,
      Candidates candidates,
      PurgePolicy policy,
      PurgeGate gate,
      Unlinker unlinker,
      SpaceGoal space,
      Refusal refusal,
      PurgeMeters meters) {}

  /** Says why the store must not be worked on at this moment. */
  public interface Refusal {
    Optional<String> find();
  }

  PurgeRun(Parts parts, RunBook book, PurgeRequest request, Clock clock) {
    this.parts = parts;
    this.book = book;
    this.request = request;
    this.clock = clock;
    this.begunMillis = clock.millis();
    this.kept = new KeptFiles(book);
    this.halt = parts.refusal().find();
  }

  RunBook book() {
    return book;
  }

  boolean isDryRun() {
    return request.dryRun();
  }

  long begunMillis() {
    return begunMillis;
  }

  KeptFiles kept() {
    return kept;
  }

  SpaceGoal space() {
    return parts.space();
  }

  Optional<String> halt() {
    return halt;
  }

  Optional<String> failure() {
    return failure;
  }

  /** Something unforeseen ends the run; what is decided stays decided. */
  void fail(String message) {
    if (failure.isEmpty()) {
      failure = Optional.of(message);
    }
  }

  /** The files of the store as far as they have to be looked at, page by page from the catalog. */
  public Iterator<Candidate> getCandidates() {
    return parts.candidates().iterator(this::isOver);
  }

  private boolean isOver() {
    return enough || failure.isPresent() || halt.isPresent() || book.isCancelled();
  }

  /** Judges one file, and lets it leave if it may and has to. */
  void move(Candidate file) {
    try {
      if (!isOver()) {
        judge(file);
      }
    } catch (RuntimeException e) {
      parts.catalog().noteFault(e);
      fail("%s: %s".formatted(file.path(), e.getMessage() == null ? e : e.getMessage()));
    }
  }

  private void judge(Candidate file) {
    boolean reached = parts.space().isReached();
    if (reached && !request.dryRun()) {
      enough = true;
      return;
    }
    Optional<String> futility = parts.space().futility();
    if (futility.isPresent()) {
      fail(futility.get());
      return;
    }
    book.advance(1);
    Optional<PurgeReason> keep =
        PurgePlanner.reasonToKeep(file, parts.policy(), clock.instant())
            .or(() -> reached ? Optional.of(PurgeReason.NOT_NEEDED) : Optional.empty());
    if (keep.isPresent()) {
      kept.add(file, keep.get(), Optional.empty());
      return;
    }
    halt = parts.refusal().find();
    if (halt.isPresent()) {
      return;
    }
    PurgeGate.Verdict verdict = parts.gate().ask(file.path());
    if (verdict instanceof Open open) {
      take(file, open);
    } else if (verdict instanceof Shut shut) {
      kept.add(file, shut.reason(), Optional.of(shut.message()));
    }
  }

  private void take(Candidate file, Open open) {
    if (request.dryRun()) {
      parts.space().planned(file.sizeBytes());
      book.item(item(file, "planned"));
      return;
    }
    parts.space().look();
    Unlinker.Result result = parts.unlinker().unlink(open);
    if (result.keep().isPresent()) {
      Shut shut = result.keep().get();
      kept.add(file, shut.reason(), Optional.of(shut.message()));
      return;
    }
    long sizeBytes = file.sizeBytes();
    book.count(RunCount.PURGED, 1);
    book.moving(sizeBytes);
    book.moved(sizeBytes);
    book.item(item(file, "done"));
    book.tell(file.path(), Change.PURGED, namesOf(open.holders()));
    parts.meters().purged(sizeBytes);
    parts.space().unlinked(sizeBytes);
  }

  private static String namesOf(List<PurgeRemote> holders) {
    return holders.stream().map(PurgeRemote::name).collect(Collectors.joining(","));
  }

  private ItemRow item(Candidate file, String state) {
    PurgeReason reason =
        parts.space().isGiven() ? PurgeReason.SPACE_NEEDED : PurgeReason.OLD_ENOUGH;
    return new ItemRow(
        0,
        file.path().value(),
        Optional.empty(),
        "purge",
        reason.label(),
        state,
        file.sizeBytes(),
        Optional.empty());
  }

  /** Where the candidates come from. */
  record Candidates(PurgeTable table, boolean byRead, List<Integer> remotes) {

    private static final int PAGE = 20_000;

    Iterator<Candidate> iterator(BooleanSupplier over) {
      return new Pages<>(after -> table.page(byRead, remotes, after, PAGE), over);
    }
  }
}
