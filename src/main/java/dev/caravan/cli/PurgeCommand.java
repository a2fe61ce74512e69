package dev.caravan.cli;

import dev.caravan.config.ByteSize;
import dev.caravan.config.Durations;
import dev.caravan.config.Settings;
import dev.caravan.json.Json;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** One purge. */
@Command(
    name = "purge",
    mixinStandardHelpOptions = true,
    description = "Gives disk space back: files whose copies are proven leave the store.",
    footer = "Exits 0; 3 when too little could leave; 4 when a person has to decide; 1 failed.")
final class PurgeCommand implements Callable<Integer> {

  private static final int SHOWN_MAX = 20;

  @ParentCommand private @Nullable CaravanCommand parent;
  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--dry-run", description = "Only says what would go, and why the rest stays.")
  private boolean dryRun;

  @Option(names = "--json", description = "Prints the run as JSON.")
  private boolean json;

  @Option(
      names = "--target-free",
      paramLabel = "SIZE",
      description = "How much space shall be free, such as 20GiB; else storage.min_free_gb.")
  private @Nullable String targetFree;

  @Option(
      names = "--older-than",
      paramLabel = "DUR",
      description = "Only files older than that, such as 30d; without a target, all of them.")
  private @Nullable String olderThan;

  @Override
  public Integer call() throws Engine.CommandFailure {
    CaravanCommand caravan = Commands.of(parent);
    Engine.PurgeOptions options = options();
    Settings settings = caravan.settings();
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    Map<String, @Nullable Object> run;
    try (ProgressLine progress = ProgressLine.on("Purge", err, json)) {
      run = caravan.engine().purge(settings, options, progress::show);
    }
    int code = Commands.exitCode(run);
    List<Map<String, @Nullable Object>> items =
        dryRun || code == 3
            ? caravan.engine().items(settings, Commands.text(run, "run_id"))
            : List.of();
    if (dryRun) {
      run.put("items", items);
    }
    if (json) {
      out.println(Json.indent(run));
    } else {
      if (dryRun) {
        print(items, out);
      }
      out.println(summary(run));
    }
    out.flush();
    if (code != 0 && run.get("error") != null) {
      err.println(Commands.shown(Commands.text(run, "error")));
    }
    if (code == 3 && !dryRun) {
      printKept(items, err);
    }
    err.flush();
    return code;
  }

  private Engine.PurgeOptions options() throws Engine.CommandFailure {
    return new Engine.PurgeOptions(
        dryRun,
        given("--target-free", targetFree, text -> ByteSize.parse(text).bytes()),
        given("--older-than", olderThan, Durations::parse));
  }

  private interface Parser<T> {
    T parse(String text);
  }

  private static <T> Optional<T> given(String option, @Nullable String text, Parser<T> parser)
      throws Engine.CommandFailure {
    try {
      return text == null ? Optional.empty() : Optional.of(parser.parse(text));
    } catch (IllegalArgumentException e) {
      throw new Engine.CommandFailure(
          2, "%s '%s' cannot be read: %s".formatted(option, text, e.getMessage()), e);
    }
  }

  private static void printKept(List<Map<String, @Nullable Object>> items, PrintWriter err) {
    List<Map<String, @Nullable Object>> kept =
        items.stream().filter(item -> "keep".equals(item.get("action"))).toList();
    print(kept.subList(0, Math.min(SHOWN_MAX, kept.size())), err);
    if (kept.size() > SHOWN_MAX) {
      err.println("… and %d more".formatted(kept.size() - SHOWN_MAX));
    }
  }

  private static void print(List<Map<String, @Nullable Object>> items, PrintWriter to) {
    for (Map<String, @Nullable Object> item : items) {
      to.println(line(item));
    }
  }

  private static String line(Map<String, @Nullable Object> item) {
    String message = item.get("message") == null ? "" : ": " + item.get("message");
    return Commands.shown(
        "%s (%s) %s, %s%s"
            .formatted(
                item.get("action"),
                item.get("reason"),
                item.get("path"),
                ByteSize.format(Commands.number(item, "size")),
                message));
  }

  private static String summary(Map<String, @Nullable Object> run) {
    Map<?, ?> counts = Commands.map(run, "counts");
    return "%s %s: %d purged (%s), %d kept, %d failed"
        .formatted(
            Boolean.TRUE.equals(run.get("dry_run")) ? "Dry run of purge" : "Purge",
            run.get("state"),
            Commands.number(counts, "purged"),
            ByteSize.format(Commands.number(run, "bytes")),
            Commands.number(counts, "skipped"),
            Commands.number(counts, "failed"));
  }
}
