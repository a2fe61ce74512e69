package dev.caravan.cli;

import dev.caravan.config.ByteSize;
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

/** {@code caravan runs}. */
@Command(
    name = "runs",
    mixinStandardHelpOptions = true,
    description = "The run history, newest first.")
final class RunsCommand implements Callable<Integer> {

  /** As many as a page of the API. */
  private static final int LIMIT_MAX = 1_000;

  @ParentCommand private @Nullable CaravanCommand parent;
  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--json", description = "Prints JSON, as GET /api/runs answers.")
  private boolean json;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "20",
      description = "How many, 1 to 1000.")
  private int limit;

  @Override
  public Integer call() throws Engine.CommandFailure {
    CaravanCommand caravan = Commands.of(parent);
    if (limit < 1 || limit > LIMIT_MAX) {
      throw new Engine.CommandFailure(
          2, "--limit '%d' is not from 1 to %d".formatted(limit, LIMIT_MAX), null);
    }
    List<Map<String, @Nullable Object>> runs = caravan.engine().runs(caravan.settings(), limit);
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    if (json) {
      out.println(Json.indent(Map.of("runs", runs)));
    } else {
      for (Map<String, @Nullable Object> run : runs) {
        print(out, run);
      }
    }
    out.flush();
    return 0;
  }

  private static void print(PrintWriter out, Map<String, @Nullable Object> run) {
    Map<?, ?> counts = Commands.map(run, "counts");
    out.printf(
        "%s  %-24s  %-8s %-8s %-11s %s, %d failed%s%n",
        Commands.text(run, "run_id"),
        Commands.text(run, "started_at"),
        Commands.text(run, "operation"),
        Boolean.TRUE.equals(run.get("dry_run")) ? "dry run" : Commands.text(run, "trigger"),
        Commands.text(run, "state"),
        outcome(run, counts),
        Commands.number(counts, "failed"),
        run.get("error") == null ? "" : "  " + Commands.shown(Commands.text(run, "error")));
  }

  /** What a person wants to know of a run of this kind. */
  private static String outcome(Map<String, @Nullable Object> run, Map<?, ?> counts) {
    String what =
        switch (Commands.text(run, "operation")) {
          case "purge" -> "purged";
          case "restore" -> "restored";
          case "check" -> "different";
          default -> "uploaded";
        };
    return "%d %s (%s)"
        .formatted(
            Commands.number(counts, what), what, ByteSize.format(Commands.number(run, "bytes")));
  }
}
