package dev.caravan.cli;

import dev.caravan.config.ByteSize;
import dev.caravan.config.Settings;
import dev.caravan.json.Json;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code caravan sync}. */
@Command(
    name = "sync",
    mixinStandardHelpOptions = true,
    description = "One sync cycle; by the running daemon where there is one.",
    footer = "Exit codes: 0 good, 1 failed, 2 bad configuration, 3 partial, 4 halted.")
final class SyncCommand implements Callable<Integer> {

  @ParentCommand private @Nullable CaravanCommand parent;
  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--dry-run", description = "Only says what would be done, and why.")
  private boolean dryRun;

  @Option(names = "--json", description = "Prints the run as JSON.")
  private boolean json;

  @Option(names = "--accept-halt", description = "Approves what the last run refused.")
  private boolean acceptHalt;

  @Override
  public Integer call() throws Engine.CommandFailure {
    CaravanCommand caravan = Commands.of(parent);
    if (dryRun && acceptHalt) {
      throw new Engine.CommandFailure(
          2, "A dry run approves nothing: leave out --dry-run or --accept-halt", null);
    }
    Settings settings = caravan.settings();
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    Map<String, @Nullable Object> run;
    try (ProgressLine progress = ProgressLine.on("Sync", err, json)) {
      run =
          caravan
              .engine()
              .sync(settings, new Engine.SyncOptions(dryRun, acceptHalt), progress::show);
    }
    List<Map<String, @Nullable Object>> items = List.of();
    if (dryRun) {
      items = caravan.engine().items(settings, Commands.text(run, "run_id"));
      run.put("items", items);
    }
    if (json) {
      out.println(Json.indent(run));
    } else {
      for (Map<String, @Nullable Object> item : items) {
        out.println(Commands.line(item));
      }
      out.println(dryRun ? plan(run, items) : summary(run));
      gone(run).forEach(out::println);
    }
    out.flush();
    int code = Commands.exitCode(run);
    if (code != 0 && run.get("error") != null) {
      err.println(Commands.shown(Commands.text(run, "error")));
    }
    if (code == 3) {
      Commands.printFailures(caravan, settings, Commands.text(run, "run_id"), err);
    }
    err.flush();
    return code;
  }

  /** Who just deleted a file would wonder: nothing is trashed before a second look. */
  private static List<String> gone(Map<String, @Nullable Object> run) {
    return run.get("log_tail") instanceof List<?> lines
        ? lines.stream()
            .map(String::valueOf)
            .filter(line -> line.contains("Files no longer where they were: "))
            .map(line -> line.substring(line.indexOf(' ') + 1))
            .toList()
        : List.of();
  }

  private static String plan(
      Map<String, @Nullable Object> run, List<Map<String, @Nullable Object>> items) {
    List<Map<String, @Nullable Object>> planned =
        items.stream().filter(item -> "planned".equals(item.get("state"))).toList();
    Map<?, ?> counts = Commands.map(run, "counts");
    return "Dry run of sync %s: %d planned (%s), %d skipped, %d failed"
        .formatted(
            run.get("state"),
            planned.size(),
            ByteSize.format(
                planned.stream().mapToLong(item -> Commands.number(item, "size")).sum()),
            Commands.number(counts, "skipped"),
            Commands.number(counts, "failed"));
  }

  private static String summary(Map<String, @Nullable Object> run) {
    Map<?, ?> counts = Commands.map(run, "counts");
    long renamed = Commands.number(counts, "renamed");
    return ("Sync %s: %d uploaded (%s),%s %d verified, %d trashed, %d deleted, %d skipped,"
            + " %d failed")
        .formatted(
            run.get("state"),
            Commands.number(counts, "uploaded"),
            ByteSize.format(Commands.number(run, "bytes")),
            renamed == 0 ? "" : " %d renamed,".formatted(renamed),
            Commands.number(counts, "verified"),
            Commands.number(counts, "trashed"),
            Commands.number(counts, "deleted"),
            Commands.number(counts, "skipped"),
            Commands.number(counts, "failed"));
  }
}
