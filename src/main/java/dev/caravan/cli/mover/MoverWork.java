package dev.caravan.cli.mover;

import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.Diagnosis;
import dev.caravan.snapshot.make.MoverPlace;
import dev.caravan.snapshot.report.MoverReport;
import dev.caravan.snapshot.report.ReportExport;
import dev.caravan.snapshot.report.ReportSettings;
import dev.caravan.snapshot.shelf.Origin;
import dev.caravan.snapshot.voice.MoverProgress;
import dev.caravan.snapshot.voice.Phases;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * A command that goes through a whole backup, and tells how it fares as a backup does: progress in
 * the log, a line of JSON for each phase, a summary, the last words, and metrics.
 */
abstract class MoverWork extends MoverCall {

  @Option(
      names = "--snapshot",
      paramLabel = "NAME",
      defaultValue = Origin.LATEST,
      description =
          "A name such as 2026-11-21-032800, \"latest\" (default: the newest complete snapshot, or"
              + " the mirror if that is newer) or \"mirror\". What has no manifest can be restored"
              + " by its name only.")
  private String snapshot = Origin.LATEST;

  /** As what it is published. */
  abstract MoverReport.Operation operation();

  /** What is done to bytes on the line, for the progress. */
  abstract String moving();

  /** How far it is; from any thread. */
  abstract MoverProgress.Mark mark();

  /**
   * What became of it.
   *
   * @param error why it has not succeeded, in one line; nothing when it has
   * @param counts for the last line of JSON
   * @param summary for people
   */
  record Done(
      Optional<String> error, Map<String, ?> counts, String summary, MoverReport.Amounts amounts) {}

  /** Does it, from the first file to the last. */
  abstract Done work(MoverPlace place, Remote remote, Origin origin, Phases phases)
      throws RemoteException, IOException, InterruptedException;

  @Override
  final int run(MoverPlace place, Remote remote) {
    String name = operation().name().toLowerCase(Locale.ROOT);
    Phases phases = new Phases(env, this::line, clock, "connect");
    Thread signal =
        new Thread(
            () -> end(phases, name, "stopped by a signal before the end; run it again"),
            "mover-stop");
    Runtime.getRuntime().addShutdownHook(signal);
    MoverReport.Amounts amounts = MoverReport.Amounts.NONE;
    Optional<String> error = Optional.of("failed");
    try (MoverProgress progress = new MoverProgress(this::mark, moving())) {
      progress.start();
      Origin origin = origin(remote, snapshot);
      phases.done(facts(remote, origin));
      origin
          .manifest()
          .map(manifest -> manifest.totals())
          .filter(totals -> isWhole())
          .ifPresent(totals -> progress.expect(totals.files(), totals.bytes()));
      Done done = work(place, remote, origin, phases);
      amounts = done.amounts();
      error = done.error().map(text -> "failed");
      phases.end(done.error(), done.counts(), done.summary());
      return done.error().isEmpty() ? 0 : 1;
    } catch (RemoteException e) {
      error = Optional.of(Diagnosis.word(e));
      boolean begins = phases.current().equals("connect");
      end(phases, name, begins ? unreached(e) : Phases.messageOf(e));
    } catch (IOException e) {
      end(phases, name, Phases.messageOf(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end(phases, name, "interrupted");
    } catch (IllegalStateException | OutOfMemoryError e) {
      end(phases, name, "it failed inside, and is not complete: " + Phases.messageOf(e));
    } finally {
      unhook(signal);
      publish(place, phases, amounts, error);
    }
    return 1;
  }

  /** False when only a part of the backup is asked for, so that nobody knows how much there is. */
  boolean isWhole() {
    return true;
  }

  private static Map<String, Object> facts(Remote remote, Origin origin) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("bucket", remote.identity());
    facts.put("backup", origin.label());
    origin.manifest().ifPresent(manifest -> facts.put("files", manifest.totals().files()));
    origin.manifest().ifPresent(manifest -> facts.put("bytes", manifest.totals().bytes()));
    return facts;
  }

  private void line(String json) {
    out().println(json);
    out().flush();
  }

  private static void end(Phases phases, String name, String error) {
    phases.end(
        Optional.of(error),
        Map.of(),
        "%s failed (%s): %s".formatted(name, phases.current(), error));
  }

  private static void unhook(Thread signal) {
    try {
      Runtime.getRuntime().removeShutdownHook(signal);
    } catch (IllegalStateException e) {
      // It runs already.
    }
  }

  private void publish(
      MoverPlace place, Phases phases, MoverReport.Amounts amounts, Optional<String> error) {
    new ReportExport(place.reports())
        .publish(
            new MoverReport(
                operation(),
                error.isEmpty(),
                place.name(),
                ReportSettings.namespace(env),
                phases.startedAt(),
                clock.instant(),
                Optional.of(amounts),
                error.map(word -> Map.of(word, 1L)).orElse(Map.of())));
  }
}
