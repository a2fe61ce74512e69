package dev.caravan.control.mover;

import dev.caravan.config.LogSettings;
import dev.caravan.event.PathNames;
import dev.caravan.log.LogSetup;
import dev.caravan.remote.Remote;
import dev.caravan.route.RouteFiles;
import dev.caravan.snapshot.MoverRun;
import dev.caravan.snapshot.claim.PrefixClaim;
import dev.caravan.snapshot.claim.SourceIdentity;
import dev.caravan.snapshot.env.MoverSettings;
import dev.caravan.snapshot.keep.SnapshotName;
import dev.caravan.snapshot.make.MoverMaker;
import dev.caravan.snapshot.make.MoverPlace;
import dev.caravan.snapshot.move.MoverCounts;
import dev.caravan.snapshot.move.MoverWorld;
import dev.caravan.snapshot.report.MoverReport;
import dev.caravan.snapshot.report.ReportExport;
import dev.caravan.snapshot.report.ReportSettings;
import dev.caravan.snapshot.voice.Phases;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.LoggerFactory;

/**
 * Makes one backup as the environment says, and tells how it went: each phase as a line of JSON,
 * the rest in the log. Exit codes are those of the upstream image: 0 or 1.
 */
public final class MoverDoor {

  private static final Optional<MoverReport.Amounts> NONE = Optional.of(MoverReport.Amounts.NONE);

  private final Map<String, String> env;
  private final String version;
  private final Function<RouteFiles.RouteFile, List<String>> trial;
  private final Clock clock;

  /**
   * @param env of this process
   * @param version of Caravan
   * @param trial finds what is wrong with a file of routes, a line each
   */
  public MoverDoor(
      Map<String, String> env,
      String version,
      Function<RouteFiles.RouteFile, List<String>> trial,
      Clock clock) {
    this.env = env;
    this.version = version;
    this.trial = trial;
    this.clock = clock;
  }

  /**
   * Makes the backup.
   *
   * @param lines take a line of JSON for each phase
   * @param faults take what is wrong with the environment, a line each
   * @return 0 when it is complete, else 1
   */
  public int run(Consumer<String> lines, Consumer<String> faults) {
    MoverPlace.Read read = MoverPlace.read(env);
    List<String> problems = new ArrayList<>(read.problems());
    faultOfSource(read.settings()).ifPresent(problems::add);
    faultOfPrefix(read.settings()).ifPresent(problems::add);
    faultOfRoutes().ifPresent(problems::add);
    new SourceIdentity(env, clock).fault(read.settings().owner()).ifPresent(problems::add);
    if (read.place().isEmpty() || !problems.isEmpty()) {
      problems.forEach(faults);
      Phases.sayLast(env, "backup failed (environment): " + String.join("; ", problems));
      faults.accept("Nothing was started: docs/datamover.md lists all variables");
      return 1;
    }
    MoverPlace place = read.place().get();
    MoverSettings settings = place.settings();
    LogSetup.apply(new LogSettings(LogSettings.Format.TEXT, settings.tuning().talk().level()));
    place.notes().forEach(note -> LoggerFactory.getLogger("caravan.datamover").info(note));
    return run(place, lines);
  }

  private static Optional<String> faultOfSource(MoverSettings settings) {
    Path source = settings.source();
    return Files.isDirectory(source)
        ? Optional.empty()
        : Optional.of(
            "SOURCE_PATH: %s is no folder that can be read; mount the volume there"
                .formatted(source));
  }

  /** Whoever has the prefix above it would take it for a snapshot of its own. */
  private static Optional<String> faultOfPrefix(MoverSettings settings) {
    return Arrays.stream(settings.bucket().prefix().split("/"))
        .filter(segment -> SnapshotName.find(segment).isPresent())
        .findFirst()
        .map(
            segment ->
                "CUSTOM_PATH_PREFIX: '%s' is what a snapshot is called; choose another name"
                    .formatted(segment));
  }

  private Optional<String> faultOfRoutes() {
    return find("MOVER_ROUTES")
        .filter(folder -> !Files.isDirectory(PathNames.pathOf(folder)))
        .map("MOVER_ROUTES: %s is no folder that can be read"::formatted);
  }

  private int run(MoverPlace place, Consumer<String> lines) {
    MoverSettings settings = place.settings();
    MoverCounts counts = new MoverCounts();
    AtomicReference<Optional<Remote>> whole = new AtomicReference<>(Optional.empty());
    try (Remote remote = place.remote((name, direction, bytes) -> counts.sent(bytes), clock)) {
      PrefixClaim claim =
          new PrefixClaim(
              remote,
              settings.bucket().prefix(),
              () -> {
                Remote bucket = MoverMaker.bucket(settings, clock);
                whole.set(Optional.of(bucket));
                return bucket;
              });
      Path state = Path.of("/nonexistent/caravan");
      MoverWorld world =
          new MoverWorld(
              settings,
              new SourceIdentity(env, clock).of(settings.owner(), settings.source(), host()),
              "caravan " + version,
              new StoreTree(settings.source(), state, clock),
              remote,
              claim,
              counts,
              clock);
      MoverRun.Ended ended =
          run(world, lines, last -> new ReportExport(place.reports()).publish(report(place, last)));
      return ended.succeeded() ? 0 : 1;
    } finally {
      whole.get().ifPresent(Remote::close);
    }
  }

  private MoverRun.Ended run(
      MoverWorld world, Consumer<String> lines, Consumer<MoverRun.Ended> report) {
    MoverRun.Ended ended;
    try (MoverRun run = new MoverRun(world, env, lines);
        StopSignal signal = new StopSignal(run, report);
        MoverCamel camel = new MoverCamel(run, world.settings().tuning())) {
      Optional<Path> routes = find("MOVER_ROUTES").map(PathNames::pathOf);
      if (routes.isEmpty()) {
        // Routes of the user's may have to do something before the bucket can be reached.
        run.prepare();
      }
      RouteFiles.RouteFile file = RouteFiles.datamover(routes);
      try {
        camel.run(file);
      } catch (Exception e) {
        // What went wrong in routes that are sound speaks for itself.
        List<String> faults = trial.apply(file);
        run.fail(
            faults.isEmpty()
                ? e
                : new IOException("its routes do not work: " + String.join("; ", faults), e));
        run.end();
      }
      ended = run.ended();
      if (signal.came()) {
        return ended;
      }
    } catch (Exception e) {
      LoggerFactory.getLogger("caravan.datamover").error("The backup could not begin", e);
      ended = new MoverRun.Ended(false, clock.instant(), clock.instant(), "failed", NONE);
    }
    report.accept(ended);
    return ended;
  }

  private MoverReport report(MoverPlace place, MoverRun.Ended ended) {
    return new MoverReport(
        MoverReport.Operation.BACKUP,
        ended.succeeded(),
        place.name(),
        ReportSettings.namespace(env),
        ended.startedAt(),
        ended.endedAt(),
        ended.amounts(),
        ended.error().isEmpty() ? Map.of() : Map.of(ended.error(), 1L));
  }

  private Optional<String> find(String name) {
    return Optional.ofNullable(env.get(name)).filter(text -> !text.isBlank()).map(String::strip);
  }

  /** Without asking any name server. */
  private String host() {
    try {
      return Files.readString(Path.of("/etc/hostname")).strip();
    } catch (IOException e) {
      return find("HOSTNAME").orElse("localhost");
    }
  }
}
