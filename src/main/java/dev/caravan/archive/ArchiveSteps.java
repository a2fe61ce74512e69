package dev.caravan.archive;

import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.RunView;
import dev.caravan.event.RunId;
import dev.caravan.event.Trigger;
import dev.caravan.remote.RemoteException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** The steps that the routes of archives are made of; registered as the bean {@code archive}. */
public final class ArchiveSteps {

  /** The exchange property that holds the round while it is under way. */
  private static final String ROUND = "CaravanArchive";

  /** The exchange property that is true while there is another batch. */
  private static final String MORE = "CaravanArchiveMore";

  private static final Logger LOG = LoggerFactory.getLogger("caravan.archive");

  private final Archives archives;

  public ArchiveSteps(Archives archives) {
    this.archives = archives;
  }

  /** The names of the archives whose turn it is; the body becomes null when there is none. */
  public @Nullable List<String> due() {
    List<String> due = archives.due();
    return due.isEmpty() ? null : due;
  }

  /** Begins a round of the archive that the body names; stops the route when one is under way. */
  public void begin(Exchange exchange) {
    String name = String.valueOf(exchange.getMessage().getBody());
    Optional<ArchiveRound> round = archives.begin(name, Trigger.SCHEDULE);
    if (round.isEmpty()) {
      exchange.getMessage().setBody(null);
      exchange.setRouteStop(true);
      return;
    }
    exchange.setProperty(ROUND, round.get());
  }

  /** Registers what lies in the archive's watched folder, where it has one. */
  public void gather(@ExchangeProperty(ROUND) ArchiveRound round) {
    archives.gather(round);
  }

  /** Looks at the queue anew: whether there is another batch is a property afterwards. */
  public void look(Exchange exchange, @ExchangeProperty(ROUND) ArchiveRound round) {
    exchange.setProperty(MORE, round.hasNext());
  }

  /** The body becomes the next batch, and a run is on record for it. */
  public CopyBatch next(@ExchangeProperty(ROUND) ArchiveRound round) {
    return round.next();
  }

  /** Copies the batch in the body, proves it and records what became of each file. */
  public void carry(@Body CopyBatch batch, @ExchangeProperty(ROUND) ArchiveRound round)
      throws RemoteException {
    MDC.put("run_id", batch.run().book().id().value());
    round.carry(batch);
  }

  /** Deletes what may be deleted. */
  public void reclaim(@ExchangeProperty(ROUND) ArchiveRound round) throws RemoteException {
    round.reclaim();
  }

  /** Announces finished timecode directories. */
  public void announce(@ExchangeProperty(ROUND) ArchiveRound round) throws IOException {
    round.announce();
  }

  /** Something as a whole did not work; the archive waits before it tries again. */
  public void fail(
      @ExchangeProperty(ROUND) @Nullable ArchiveRound round,
      @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Exception fault) {
    LOG.debug("An archive failed", fault);
    if (round != null) {
      round.fail(fault);
    }
  }

  /** Ends the run on record; the body becomes it, or null when there is none. */
  public void endRun(Exchange exchange, @ExchangeProperty(ROUND) @Nullable ArchiveRound round) {
    Optional<RunRow> row = Optional.empty();
    try {
      Optional<RunId> id =
          round == null ? Optional.empty() : round.run().map(run -> run.book().id());
      if (round != null) {
        round.endRun();
      }
      row = id.flatMap(archives::findRun);
    } catch (RuntimeException e) {
      // The round has to come to its end all the same, or there would never be another.
      LOG.error("The end of an archive's run cannot be put on record: {}", e.getMessage());
      Objects.requireNonNull(round).fail(e);
    } finally {
      MDC.remove("run_id");
    }
    Optional<Map<String, @Nullable Object>> view = row.map(RunView::of);
    exchange.getMessage().setBody(view.orElse(null));
    view.map(RunView::headers).ifPresent(all -> all.forEach(exchange.getMessage()::setHeader));
  }

  /** Ends the round, and hands over what people are to hear of; the body becomes null. */
  public void end(Exchange exchange, @ExchangeProperty(ROUND) @Nullable ArchiveRound round) {
    exchange.getMessage().setBody(null);
    if (round != null) {
      archives.end(round);
    }
  }

  /** A hook failed after a run; that is a warning. */
  public void hookFailed(@ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Exception fault) {
    LOG.warn("A step after an archive's run failed: {}", fault.getMessage());
  }
}
