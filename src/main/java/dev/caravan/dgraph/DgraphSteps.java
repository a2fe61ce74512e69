package dev.caravan.dgraph;

import dev.caravan.catalog.RunView;
import dev.caravan.catalog.export.ExportRow;
import dev.caravan.catalog.export.ExportState;
import dev.caravan.remote.RemoteException;
import dev.caravan.store.FileStat;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** The steps that the routes of Dgraph's exports are made of; registered as {@code dgraph}. */
public final class DgraphSteps {

  /** The exchange property that holds an export's id. */
  private static final String ID = "CaravanExportId";

  /** The exchange property that holds the try to bring an export, while it is under way. */
  private static final String RUN = "CaravanExportRun";

  private static final Logger LOG = LoggerFactory.getLogger("caravan.dgraph");

  private final Optional<Parts> parts;

  private record Parts(Exports exports, Bringing bringing, Proving proving, Cleaning cleaning) {}

  /**
   * @param exports empty where no proxy is configured: then nothing is ever due
   */
  public DgraphSteps(Optional<Exports> exports) {
    this.parts =
        exports.map(
            each -> new Parts(each, new Bringing(each), new Proving(each), new Cleaning(each)));
  }

  private Parts parts() {
    return parts.orElseThrow();
  }

  /** The ids of the exports for which something is to be done. */
  public List<Long> due() {
    return parts.map(each -> each.exports().take()).orElse(List.of());
  }

  /** Takes up one export: the body becomes it. */
  public void open(Exchange exchange) {
    long id = exchange.getMessage().getBody(Long.class);
    exchange.setProperty(ID, id);
    exchange.getMessage().setBody(parts().exports().find(id).orElseThrow());
    MDC.put("export", Long.toString(id));
  }

  /** Asks the Alpha how the task fares; a header says whether its files are ours to bring. */
  public void ask(Exchange exchange) throws InterruptedException {
    ExportRow row = exchange.getMessage().getBody(ExportRow.class);
    ExportRow asked = parts().exports().ask(row);
    exchange.getMessage().setBody(asked);
    exchange.getMessage().setHeader("CamelCaravanExportReady", isReady(asked));
  }

  /** True when the task ended well and its files are ours to bring. */
  static boolean isReady(ExportRow row) {
    return !row.state().isEnd()
        && row.task().good().orElse(false)
        && row.ask().destination().isEmpty();
  }

  /**
   * Ends the exports of which nothing is to be brought: failed ones, and those brought by others.
   */
  public void settle(@Body ExportRow row) throws IOException {
    Exports exports = parts().exports();
    if (row.state().isEnd() || row.task().good().isEmpty()) {
      return;
    }
    if (!row.task().good().orElse(false)) {
      ExportPlanner.Choice left =
          row.ask().destination().isPresent()
              ? ExportPlanner.Choice.of(List.of())
              : parts().bringing().claim(row);
      if (left.waits()) {
        // The next one may have written what it seems to have left: that shows when it has ended.
        exports.await(row);
        return;
      }
      exports.end(row, ExportState.FAILED, "the Alpha could not carry it out; its log says why");
      parts().cleaning().quarantine(row, left.folders());
    } else if (row.ask().destination().isPresent()) {
      exports.end(row, ExportState.DONE, "");
    }
  }

  /** Finds the export's files; the body becomes null when they are not all there and whole. */
  public void begin(Exchange exchange) throws IOException {
    ExportRow row = exchange.getMessage().getBody(ExportRow.class);
    Optional<ExportRun> run = parts().bringing().begin(row);
    if (run.isEmpty()) {
      exchange.getMessage().setBody(null);
      return;
    }
    exchange.setProperty(RUN, run.get());
    MDC.put("run_id", run.get().book().id().value());
    tell(exchange, run.get());
  }

  /** Sees to it that no other Caravan writes to the place that the export's objects go to. */
  public void reserve(@ExchangeProperty(RUN) ExportRun run) throws RemoteException {
    parts().bringing().reserve(run);
  }

  /** The files to send. */
  public List<FileStat> files(@ExchangeProperty(RUN) ExportRun run) {
    return run.files();
  }

  /** Sends one file. */
  public void send(@Body FileStat file, @ExchangeProperty(RUN) ExportRun run)
      throws IOException, RemoteException {
    parts().bringing().send(run, file);
  }

  /** Asks for each file at the remote. */
  public void verify(@ExchangeProperty(RUN) ExportRun run) throws IOException, RemoteException {
    parts().proving().verify(run);
  }

  /** Writes the list of files beside them. */
  public void seal(@ExchangeProperty(RUN) ExportRun run)
      throws IOException, RemoteException, InterruptedException {
    parts().proving().seal(run);
  }

  /** Takes what was proven off the Alpha's disk. */
  public void clean(@ExchangeProperty(RUN) ExportRun run) throws IOException {
    parts().cleaning().clean(run);
  }

  /** Something went wrong; {@link #end} follows. */
  public void fail(Exchange exchange) {
    Throwable fault = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
    ExportRun run = exchange.getProperty(RUN, ExportRun.class);
    LOG.debug("An export could not be brought", fault);
    if (run != null) {
      run.fail(fault);
    } else if (!parts().exports().isStopping()) {
      parts().exports().delay(exchange.getProperty(ID, Long.class), Bringing.message(fault));
    }
  }

  /** Ends the try; the body becomes the run, or null where none was under way. */
  public void end(Exchange exchange) {
    ExportRun run = exchange.getProperty(RUN, ExportRun.class);
    exchange.removeProperty(RUN);
    exchange.getMessage().setBody(null);
    if (run != null) {
      parts().bringing().end(run);
      tell(exchange, run);
    }
  }

  /** Others may take the export up from now on. */
  public void release(Exchange exchange) {
    Long id = exchange.getProperty(ID, Long.class);
    if (id != null) {
      parts().exports().release(id);
    }
    MDC.remove("export");
    MDC.remove("run_id");
  }

  private void tell(Exchange exchange, ExportRun run) {
    Map<String, @Nullable Object> view = parts().exports().view(run.book());
    RunView.headers(view).forEach(exchange.getMessage()::setHeader);
    exchange.getMessage().setBody(view);
  }
}
