package dev.caravan.dgraph;

import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.RunView;
import dev.caravan.catalog.export.ExportFiles;
import dev.caravan.catalog.export.ExportRow;
import dev.caravan.catalog.export.ExportState;
import dev.caravan.catalog.export.ExportTable;
import dev.caravan.dgraph.proxy.AdminWatch;
import dev.caravan.dgraph.read.AdminExchange;
import dev.caravan.dgraph.read.ExportReader;
import dev.caravan.dgraph.read.Sighting;
import dev.caravan.dgraph.task.AlphaClient;
import dev.caravan.dgraph.task.TaskAnswer;
import dev.caravan.event.EventContent;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import dev.caravan.event.Trigger;
import dev.caravan.remote.RemoteException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows exports from the answer that told of them to their end. What is known of them is in the
 * catalog before anybody is told of it, so that a process that dies is followed by one that goes
 * on.
 */
public final class Exports implements AdminWatch, AutoCloseable {

  private static final int DUE_MAX = 100;
  private static final int UNKNOWNS_MAX = 3;

  /** How long exports that are done stay on record. */
  private static final Duration KEPT = Duration.ofDays(90);

  private static final int ATTEMPTS_WORRY = 3;

  private static final Logger LOG = LoggerFactory.getLogger("caravan.dgraph");

  private final ExportWorld world;
  private final ExportTable table;
  private final ExportFiles files;
  private final AlphaClient alpha;
  private final ExportMeters meters;
  private final FixedNames fixedNames;
  private final Set<Long> busy = ConcurrentHashMap.newKeySet();
  private final Map<Long, Map<String, String>> credentials = new ConcurrentHashMap<>();
  private final LateSightings late = new LateSightings();
  private final Unfinished unfinished;
  private volatile boolean stopping;

  public Exports(ExportWorld world) {
    this.world = world;
    this.table = new ExportTable(world.catalog());
    this.files = new ExportFiles(world.catalog());
    this.alpha = new AlphaClient(world.settings());
    this.meters = world.meters();
    this.fixedNames = new FixedNames(world.settings(), files);
    this.unfinished = new Unfinished(world, files);
  }

  ExportWorld world() {
    return world;
  }

  ExportTable table() {
    return table;
  }

  ExportFiles files() {
    return files;
  }

  AlphaClient alpha() {
    return alpha;
  }

  Unfinished unfinished() {
    return unfinished;
  }

  FixedNames fixedNames() {
    return fixedNames;
  }

  @Override
  public void answered(AdminExchange exchange) {
    for (Sighting seen : ExportReader.read(exchange)) {
      LateSightings.Late one = new LateSightings.Late(seen, exchange.at(), exchange.credentials());
      try {
        record(one);
      } catch (RuntimeException e) {
        keep(one, e);
      }
    }
  }

  /** The client gets its answer all the same, so nobody else would ever tell of this export. */
  private void keep(LateSightings.Late one, RuntimeException fault) {
    if (late.add(one)) {
      LOG.error("An export could not be recorded; this is tried again: {}", fault.toString());
    } else {
      String task = one.seen().taskId().orElse("unknown");
      LOG.error("An export (task {}) could not be recorded and is not followed", task, fault);
    }
  }

  private void recordLate() {
    for (var next = late.first(); next.isPresent(); next = late.first()) {
      try {
        record(next.get());
      } catch (RuntimeException e) {
        LOG.debug("An export still cannot be recorded", e);
        return;
      }
      late.drop(next.get());
    }
  }

  private void record(LateSightings.Late one) {
    Sighting seen = one.seen();
    boolean isLost = seen.taskId().isEmpty() && !seen.over();
    String error =
        isLost
            ? "the client asked for neither taskId nor message, so the task cannot be followed;"
                + " its files stay where they are"
            : "";
    ExportRow.Ask ask =
        new ExportRow.Ask(seen.format(), seen.destination(), seen.files(), one.at().toEpochMilli());
    Optional<Long> id = table.insert(seen.taskId(), ask, error, now());
    if (id.isEmpty()) {
      return;
    }
    if (!isLost && !one.credentials().isEmpty()) {
      credentials.put(id.get(), Map.copyOf(one.credentials()));
    }
    LOG.info(
        "Export {} was asked for{}{}",
        id.get(),
        seen.taskId().map(task -> " (task " + task + ")").orElse(""),
        seen.destination().map(to -> "; the Alpha brings it to " + to).orElse(""));
    if (isLost) {
      LOG.warn("Export {}: {}", id.get(), error);
      meters.ended(ExportState.FAILED);
    }
  }

  private long now() {
    return world.clock().millis();
  }

  /** Takes the exports for which something is to be done; each until it is released. */
  List<Long> take() {
    List<Long> taken = new ArrayList<>();
    if (!stopping) {
      recordLate();
      for (ExportRow row : table.due(now(), DUE_MAX)) {
        if (busy.add(row.id())) {
          taken.add(row.id());
        }
      }
    }
    return taken;
  }

  void release(long id) {
    fixedNames.release(id);
    busy.remove(id);
  }

  /** Whether an older export that is ready to be brought is being looked at right now. */
  boolean olderComes(long id) {
    return busy.stream().filter(other -> other < id).anyMatch(this::isReady);
  }

  private boolean isReady(long id) {
    return table.find(id).filter(DgraphSteps::isReady).isPresent();
  }

  Map<String, String> credentialsOf(long id) {
    return credentials.getOrDefault(id, Map.of());
  }

  /**
   * Asks the Alpha how an export fares, and has that on record.
   *
   * @return the export as it is now
   */
  ExportRow ask(ExportRow row) throws InterruptedException {
    if (row.task().good().isPresent() || row.taskId().isEmpty() || row.state().isEnd()) {
      return row;
    }
    TaskAnswer answer = alpha.ask(row.taskId().orElseThrow(), credentialsOf(row.id()));
    boolean isOver =
        answer.status() == TaskAnswer.Status.SUCCESS || answer.status() == TaskAnswer.Status.FAILED;
    if (!isOver && isOverdue(row)) {
      String waited = "the Alpha did not end it within " + world.settings().taskTimeout();
      end(row, ExportState.EXPIRED, waited + ": " + describe(answer));
    } else {
      record(row, answer);
    }
    return table.find(row.id()).orElseThrow();
  }

  private static String describe(TaskAnswer answer) {
    String status = answer.status().name().toLowerCase(Locale.ROOT);
    return answer.message().isEmpty() ? "it is " + status : answer.message();
  }

  private void record(ExportRow row, TaskAnswer answer) {
    long next = now() + world.settings().poll().toMillis();
    switch (answer.status()) {
      case QUEUED -> table.recordAsked(row.id(), ExportState.QUEUED, 0, "", next, now());
      case RUNNING -> table.recordAsked(row.id(), ExportState.RUNNING, 0, "", next, now());
      case SUCCESS, FAILED -> {
        boolean good = answer.status() == TaskAnswer.Status.SUCCESS;
        long ended = answer.updatedAt().map(Instant::toEpochMilli).orElse(now());
        table.recordTaskEnd(row.id(), good, ended, now());
      }
      case UNKNOWN -> {
        int unknowns = row.task().unknowns() + 1;
        if (unknowns >= UNKNOWNS_MAX) {
          end(row, ExportState.FAILED, "the Alpha does not know how the task fares");
        } else {
          String said = "the Alpha does not know how the task fares";
          table.recordAsked(row.id(), row.state(), unknowns, said, next, now());
        }
      }
      case GONE -> end(row, ExportState.EXPIRED, answer.message());
      case UNAUTHORIZED, UNHEARD ->
          table.recordAsked(
              row.id(), row.state(), row.task().unknowns(), answer.message(), next, now());
    }
  }

  /** Looks at a failed export again when another has gone on. */
  void await(ExportRow row) {
    String why = "it failed; whose the files are is not clear before the next export has ended";
    table.recordDelay(
        row.id(), row.attempts(), why, now() + world.settings().poll().toMillis(), now());
  }

  /** Ends an export; a run that ended so is on record, for those who are told of runs. */
  void end(ExportRow row, ExportState state, String error) {
    if (finish(row, state, error) && state != ExportState.DONE) {
      recordFailed("Export %d %s: %s".formatted(row.id(), state.label(), error), error);
    }
  }

  /** Ends an export whose last run is on record already; false when it had ended. */
  boolean finish(ExportRow row, ExportState state, String error) {
    if (!table.recordEnd(row.id(), state, error, now())) {
      return false;
    }
    credentials.remove(row.id());
    meters.ended(state);
    if (state == ExportState.DONE) {
      table.forgetBefore(now() - KEPT.toMillis());
      LOG.info("Export {} is done{}", row.id(), error.isEmpty() ? "" : ": " + error);
    } else {
      unfinished.givenUp();
      LOG.error("Export {} {}: {}", row.id(), state.label(), error);
    }
    return true;
  }

  private void recordFailed(String line, String why) {
    RunBook book = beginRun();
    book.error(line);
    meters.end(book, RunState.FAILED, Optional.of(why));
  }

  /**
   * Something stood in the way before anything was begun: that is a run that failed, and it is
   * tried again, less and less often, until the export has taken too long.
   */
  void delay(long id, String why) {
    Optional<ExportRow> found = table.find(id).filter(row -> !row.state().isEnd());
    if (found.isEmpty()) {
      return;
    }
    ExportRow row = found.get();
    recordFailed("Export %d: %s".formatted(id, why), why);
    tryAgain(row, why);
  }

  /** Has a failed try on record, and when the next is due; none is when it has taken too long. */
  void tryAgain(ExportRow row, String why) {
    if (isOverdue(row)) {
      boolean isKnown = row.task().good().isPresent();
      String waited = "not brought within %s: ".formatted(world.settings().taskTimeout());
      finish(row, isKnown ? ExportState.FAILED : ExportState.EXPIRED, waited + why);
      return;
    }
    int attempts = row.attempts() + 1;
    long next = now() + ExportPlanner.pause(attempts).toMillis();
    LOG.warn("Export {}: {}", row.id(), why);
    table.recordDelay(row.id(), attempts, why, next, now());
  }

  /** Whether more time has passed than an export may take, since what it waits for began. */
  boolean isOverdue(ExportRow row) {
    long since = row.task().endedMillis().orElse(row.ask().atMillis());
    long begun = Math.max(since, table.findRetried(row.id()).orElse(since));
    return now() - begun > world.settings().taskTimeout().toMillis();
  }

  /** Begins a run of its own, on record. */
  RunBook beginRun() {
    RunId id = world.ids().get();
    RunRow run =
        new RunRow(
            id,
            Operation.EXPORT,
            Trigger.WATCH,
            RunState.QUEUED,
            false,
            now(),
            0,
            0,
            Optional.empty(),
            "{}");
    world
        .catalog()
        .commit(
            session -> {
              world.catalog().runs().insert(session, run);
              world.catalog().runs().recordBegin(session, id, now());
            });
    world.events().publish(id, new EventContent.Status(Operation.EXPORT, RunState.RUNNING));
    return new RunBook(world.catalog(), world.events(), id, Operation.EXPORT, world.clock());
  }

  /** The run as programs see it. */
  Map<String, @Nullable Object> view(RunBook book) {
    return RunView.of(world.catalog().runs().find(book.id()).orElseThrow());
  }

  /** One export; empty when there is none of that id. */
  public Optional<ExportRow> find(long id) {
    return table.find(id);
  }

  /** Exports before an id, the newest first. */
  public List<ExportRow> page(Optional<ExportState> state, long before, int limit) {
    return table.page(state, before, limit);
  }

  /** Has another try at an export that failed or expired; false where there is nothing to try. */
  public boolean retry(long id) {
    return table.recordRetry(id, now());
  }

  /**
   * Makes sure that the bucket can be used; at first also removes what a dead process left there.
   */
  void prepare() throws RemoteException {
    world.vault().ensureUsable();
    unfinished.sweep();
  }

  /** Why exports are not brought as they should be; empty when all is well. */
  public List<String> worries() {
    List<String> worries = new ArrayList<>();
    if (late.size() > 0) {
      worries.add("%d exports were seen and cannot be recorded".formatted(late.size()));
    }
    table.due(Long.MAX_VALUE, DUE_MAX).stream()
        .filter(row -> row.attempts() >= ATTEMPTS_WORRY)
        .map(row -> "export %d could not be brought for long".formatted(row.id()))
        .forEach(worries::add);
    return worries;
  }

  boolean isStopping() {
    return stopping;
  }

  @Override
  public void close() {
    stopping = true;
    world.vault().close();
  }
}
