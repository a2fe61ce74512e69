package dev.caravan.cli;

import dev.caravan.json.Json;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code caravan routes}. */
@Command(
    name = "routes",
    mixinStandardHelpOptions = true,
    description = "Bundled and user routes; without a word after it, lists them.")
final class RoutesCommand implements Callable<Integer> {

  private static final int BAD = 2;

  @ParentCommand private @Nullable CaravanCommand parent;
  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Override
  public Integer call() throws Engine.CommandFailure {
    return list(json);
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Route files, where each comes from, and the ids of its routes.")
  int list(@Option(names = "--json", description = "Prints JSON.") boolean asJson)
      throws Engine.CommandFailure {
    List<Map<String, Object>> files = routes().list();
    PrintWriter out = out();
    if (asJson || json) {
      out.println(Json.indent(Map.of("files", files)));
    } else {
      files.forEach(file -> print(out, file));
    }
    out.flush();
    return 0;
  }

  private static void print(PrintWriter out, Map<String, Object> file) {
    out.printf(
        "%-24s %s%n",
        Commands.shown(Commands.text(file, "name")), Commands.shown(Commands.text(file, "origin")));
    if (file.get("routes") instanceof List<?> ids) {
      ids.forEach(id -> out.printf("    %s%n", Commands.shown(id)));
    }
    if (file.get("faults") instanceof List<?> faults) {
      faults.forEach(fault -> out.printf("  ! %s%n", Commands.shown(fault)));
    }
  }

  @Command(
      name = "eject",
      mixinStandardHelpOptions = true,
      description = "Copies a bundled route file to routes.path, to be changed there.")
  int eject(
      @Parameters(paramLabel = "NAME", description = "Such as hooks, or hooks.camel.yaml.")
          String name)
      throws Engine.CommandFailure {
    PrintWriter out = out();
    Path file = routes().eject(name);
    out.println(file);
    if (file.getFileName().toString().startsWith("datamover.")) {
      out.println("caravan datamover uses it with MOVER_ROUTES=" + file.getParent());
    }
    out.flush();
    return 0;
  }

  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      description = "Loads bundled and user routes without starting them; names every fault.")
  int check() throws Engine.CommandFailure {
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    routes().misnamed().forEach(note -> err.println("note: " + Commands.shown(note)));
    err.flush();
    List<String> faults = routes().check();
    if (faults.isEmpty()) {
      PrintWriter out = out();
      out.println("The routes have no faults");
      out.flush();
      return 0;
    }
    faults.forEach(fault -> err.println(Commands.shown(fault)));
    err.flush();
    return BAD;
  }

  private Engine.Routes routes() throws Engine.CommandFailure {
    CaravanCommand caravan = Commands.of(parent);
    return caravan.engine().routes(caravan.settings());
  }

  private PrintWriter out() {
    return Objects.requireNonNull(spec).commandLine().getOut();
  }
}
