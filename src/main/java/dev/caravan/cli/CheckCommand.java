package dev.caravan.cli;

import dev.caravan.check.CheckMode;
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

/** {@code caravan check}. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = "Compares the store, the catalog and every remote.",
    footer = "Exits 0 when all is equal; 3 when there are differences; 1 failed.")
final class CheckCommand implements Callable<Integer> {

  private static final int SHOWN_MAX = 100;

  @ParentCommand private @Nullable CaravanCommand parent;
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "size",
      description =
          "size (names and sizes), hash (the remotes' checksums), or full (every byte); "
              + "default: ${DEFAULT-VALUE}.")
  private String mode = "size";

  @Option(
      names = "--repair",
      description = "Mends what can be mended; nothing at a remote is deleted.")
  private boolean repair;

  @Option(names = "--json", description = "Prints the run and what it found as JSON.")
  private boolean json;

  @Override
  public Integer call() throws Engine.CommandFailure {
    CaravanCommand caravan = Commands.of(parent);
    CheckMode wanted =
        CheckMode.find(mode)
            .orElseThrow(
                () ->
                    new Engine.CommandFailure(
                        2, "--mode '%s' is none of size, hash, full".formatted(mode), null));
    Settings settings = caravan.settings();
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    Map<String, @Nullable Object> run;
    try (ProgressLine progress = ProgressLine.on("Check", err, json)) {
      run =
          caravan.engine().check(settings, new Engine.CheckOptions(wanted, repair), progress::show);
    }
    int code = Commands.exitCode(run);
    List<Map<String, @Nullable Object>> items =
        caravan.engine().items(settings, Commands.text(run, "run_id"));
    if (json) {
      run.put("items", items);
    }
    out.println(json ? Json.indent(run) : summary(run));
    out.flush();
    if (code != 0) {
      err.println(Commands.shown(Commands.text(run, "error")));
      items.stream().limit(SHOWN_MAX).map(Commands::line).forEach(err::println);
      if (items.size() > SHOWN_MAX) {
        err.println("… and %d more".formatted(items.size() - SHOWN_MAX));
      }
    }
    err.flush();
    return code;
  }

  private static String summary(Map<String, @Nullable Object> run) {
    Map<?, ?> counts = Commands.map(run, "counts");
    return "Check %s: %d equal, %d different, %d could not be looked at"
        .formatted(
            run.get("state"),
            Commands.number(counts, "verified"),
            Commands.number(counts, "different"),
            Commands.number(counts, "failed"));
  }
}
