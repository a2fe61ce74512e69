package dev.caravan.cli;

import dev.caravan.config.ByteSize;
import dev.caravan.config.Settings;
import dev.caravan.event.Counted;
import dev.caravan.json.Json;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code caravan restore}. */
@Command(
    name = "restore",
    mixinStandardHelpOptions = true,
    description = "Brings files back that left the disk; by the running daemon where there is one.",
    footer = "Exit codes: 0 good, 1 failed, 2 bad configuration or request, 3 partial.")
final class RestoreCommand implements Callable<Integer> {

  @ParentCommand private @Nullable CaravanCommand parent;
  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "PATH", arity = "0..*", description = "Files or folders of the store.")
  private List<String> paths = List.of();

  @Option(names = "--all", description = "Everything that is away.")
  private boolean all;

  @Option(names = "--from", paramLabel = "REMOTE", description = "The only remote to ask.")
  private Optional<String> from = Optional.empty();

  @Option(
      names = "--to",
      paramLabel = "DIR",
      description = "Another folder to bring copies into; the store stays as it is.")
  private Optional<Path> to = Optional.empty();

  @Option(
      names = "--as-of",
      paramLabel = "TIME",
      description =
          "The files as the remotes held them then, such as 2026-11-21T09:00:00Z. Nothing that lies"
              + " in the store is replaced; best with --to.")
  private Optional<String> asOf = Optional.empty();

  @Option(
      names = "--catalog-only",
      description = "On a new machine: only learns which files there are; they come when read.")
  private boolean catalogOnly;

  @Option(names = "--json", description = "Prints the run as JSON.")
  private boolean json;

  @Override
  public Integer call() throws Engine.CommandFailure {
    CaravanCommand caravan = Commands.of(parent);
    boolean everything = all || catalogOnly;
    if (everything == !paths.isEmpty()) {
      throw new Engine.CommandFailure(2, "Say what to bring back: paths, or --all", null);
    }
    if (paths.stream().anyMatch(String::isEmpty)) {
      throw new Engine.CommandFailure(2, "A path is empty; to bring back everything: --all", null);
    }
    if (to.isPresent() && catalogOnly) {
      throw new Engine.CommandFailure(2, "--to and --catalog-only exclude each other", null);
    }
    if (asOf.isPresent() && catalogOnly) {
      throw new Engine.CommandFailure(2, "--as-of and --catalog-only exclude each other", null);
    }
    Optional<Instant> time = Optional.empty();
    if (asOf.isPresent()) {
      time = Optional.of(timeOf(asOf.get()));
    }
    Settings settings = caravan.settings();
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    Engine.RestoreOptions wanted =
        new Engine.RestoreOptions(
            everything ? List.of(".") : inStore(paths, settings), from, time, catalogOnly);
    Map<String, @Nullable Object> run;
    try (ProgressLine progress = ProgressLine.on("Restore", err, json)) {
      run =
          to.isPresent()
              ? caravan.engine().restoreTo(settings, wanted, to.get(), progress::show)
              : caravan.engine().restore(settings, wanted, progress::show);
    }
    out.println(json ? Json.indent(run) : summary(run));
    out.flush();
    printLacking(run, err);
    int code = Commands.exitCode(run);
    if (code != 0) {
      err.println(Commands.shown(Commands.text(run, "error")));
      if (run.get("failures") instanceof List<?> failures) {
        failures.forEach(line -> err.println(Commands.shown(String.valueOf(line))));
      } else {
        Commands.printFailures(caravan, settings, Commands.text(run, "run_id"), err);
      }
    }
    err.flush();
    return code;
  }

  /** As a shell completes them: paths may begin with ./ or with the store's own place. */
  private static List<String> inStore(List<String> paths, Settings settings) {
    String root = settings.store().path().toAbsolutePath().normalize() + "/";
    return paths.stream()
        .map(path -> path.startsWith(root) ? "./" + path.substring(root.length()) : path)
        .map(path -> path.replaceFirst("^(\\./+)+", ""))
        .map(path -> path.isEmpty() || root.equals(path + "/") ? "." : path)
        .toList();
  }

  /** What is back, but not with all of the time, permissions and owner that it had. */
  private static void printLacking(Map<String, @Nullable Object> run, PrintWriter err) {
    if (run.get("lacking") instanceof List<?> lacking) {
      lacking.forEach(line -> err.println(Commands.shown(String.valueOf(line))));
    } else if (run.get("log_tail") instanceof List<?> lines) {
      lines.stream()
          .map(String::valueOf)
          .filter(line -> line.contains(" is back, but "))
          .forEach(line -> err.println(Commands.shown(line)));
    }
  }

  private static Instant timeOf(String text) throws Engine.CommandFailure {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw new Engine.CommandFailure(
          2, "--as-of '" + text + "' is no time: write it as 2026-11-21T09:00:00Z", e);
    }
  }

  private static String summary(Map<String, @Nullable Object> run) {
    Map<?, ?> counts = Commands.map(run, "counts");
    return "Restore %s: %s (%s), %d failed"
        .formatted(
            run.get("state"),
            Counted.of(Commands.number(counts, "restored"), "file"),
            ByteSize.format(Commands.number(run, "bytes")),
            Commands.number(counts, "failed"));
  }
}
