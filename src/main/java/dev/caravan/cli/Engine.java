package dev.caravan.cli;

import dev.caravan.check.CheckMode;
import dev.caravan.config.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the commands ask the application to do. */
public interface Engine {

  /** Runs the daemon until it is told to stop; returns the exit code. */
  int serve(Settings settings) throws CommandFailure;

  /**
   * Makes one backup of a folder, as the environment says; returns the exit code.
   *
   * @param lines take a line of JSON for each phase
   * @param faults take what is wrong with the environment, a line each
   */
  int backup(Map<String, String> env, Consumer<String> lines, Consumer<String> faults);

  /**
   * Runs one sync cycle and waits for its end.
   *
   * @param progress is shown the run as it goes on
   * @return the ended run, in the shape of the API
   */
  Map<String, @Nullable Object> sync(
      Settings settings, SyncOptions options, Consumer<Map<String, @Nullable Object>> progress)
      throws CommandFailure;

  /** What a sync was asked to be. */
  record SyncOptions(boolean dryRun, boolean acceptHalt) {}

  /**
   * Runs one purge and waits for its end.
   *
   * @param progress is shown the run as it goes on
   * @return the ended run, in the shape of the API
   */
  Map<String, @Nullable Object> purge(
      Settings settings, PurgeOptions options, Consumer<Map<String, @Nullable Object>> progress)
      throws CommandFailure;

  /** What a purge was asked to be. */
  record PurgeOptions(
      boolean dryRun, Optional<Long> targetFreeBytes, Optional<Duration> olderThan) {}

  /**
   * Brings files back and waits until that has ended.
   *
   * @param progress is shown the run as it goes on
   * @return the ended run, in the shape of the API
   */
  Map<String, @Nullable Object> restore(
      Settings settings, RestoreOptions options, Consumer<Map<String, @Nullable Object>> progress)
      throws CommandFailure;

  /**
   * What is to be brought back.
   *
   * @param paths files or folders of the store; {@code .} is all of it
   * @param from the only remote to ask
   * @param asOf the files as they were at that time
   * @param catalogOnly a new machine only learns which files there are
   */
  record RestoreOptions(
      List<String> paths, Optional<String> from, Optional<Instant> asOf, boolean catalogOnly) {}

  /**
   * Brings copies of files into another folder; neither the store nor the catalog changes.
   *
   * @return how it went, as a run that is nowhere on record; {@code failures} are lines for people
   */
  Map<String, @Nullable Object> restoreTo(
      Settings settings,
      RestoreOptions options,
      Path to,
      Consumer<Map<String, @Nullable Object>> progress)
      throws CommandFailure;

  /**
   * Compares what is where and waits until that has ended.
   *
   * @param progress is shown the run as it goes on
   * @return the ended run, in the shape of the API
   */
  Map<String, @Nullable Object> check(
      Settings settings, CheckOptions options, Consumer<Map<String, @Nullable Object>> progress)
      throws CommandFailure;

  /** What a check was asked to be. */
  record CheckOptions(CheckMode mode, boolean repair) {}

  /**
   * Brings exports of Dgraph back from S3 and compares them with their manifests.
   *
   * @param names of folders or objects, without the prefix
   * @param told is told of each file, a line each
   * @return how many files came
   */
  int fetchExports(Settings settings, List<String> names, Path to, Consumer<String> told)
      throws CommandFailure;

  /** {@code GET /api/storage}, by the daemon or from the catalog; empty when nothing is known. */
  Optional<Map<String, @Nullable Object>> storage(Settings settings) throws CommandFailure;

  /**
   * Tells the daemon that works on the store.
   *
   * @param path of the API, such as {@code /api/storage/pause}
   * @return its answer
   * @throws CommandFailure when it refuses, or when none works on the store
   */
  Map<String, @Nullable Object> tell(Settings settings, String path, Map<String, Object> body)
      throws CommandFailure;

  /** The newest runs first. */
  List<Map<String, @Nullable Object>> runs(Settings settings, int limit) throws CommandFailure;

  /** The items of one run. */
  List<Map<String, @Nullable Object>> items(Settings settings, String runId) throws CommandFailure;

  /** One page of {@code GET /api/files}. */
  Map<String, @Nullable Object> files(
      Settings settings, String prefix, Optional<String> state, String cursor)
      throws CommandFailure;

  /** Bundled and user routes, looked at without starting any. */
  Routes routes(Settings settings);

  /** What can be asked about routes. */
  interface Routes {

    /** Every route file: {@code name}, {@code origin}, {@code routes} (ids) and {@code faults}. */
    List<Map<String, Object>> list() throws CommandFailure;

    /** Everything that is wrong, a line each. */
    List<String> check() throws CommandFailure;

    /** Files that look like route files and are not used, a line each. */
    List<String> misnamed() throws CommandFailure;

    /** Copies a bundled file to the user's folder, where no file of that name may lie. */
    Path eject(String name) throws CommandFailure;
  }

  /** A command cannot be carried out; the message is one line for the operator. */
  final class CommandFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    public CommandFailure(int exitCode, String message, @Nullable Throwable cause) {
      super(message, cause);
      this.exitCode = exitCode;
    }

    public int exitCode() {
      return exitCode;
    }
  }
}
