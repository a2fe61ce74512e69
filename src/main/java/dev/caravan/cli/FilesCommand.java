package dev.caravan.cli;

import dev.caravan.json.Json;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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

/** {@code caravan files}. */
@Command(
    name = "files",
    mixinStandardHelpOptions = true,
    description = "The known files, and which remotes hold them.")
final class FilesCommand implements Callable<Integer> {

  /** States that a file can be shown in. */
  enum State {
    LOCAL,
    SYNCED,
    PURGED,
    FAILED;

    /** The word for it in the API, and on the command line. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @ParentCommand private @Nullable CaravanCommand parent;
  @Spec private @Nullable CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "PREFIX", description = "Only paths that begin so.")
  private @Nullable String prefix;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description = "Only these: local (not everywhere yet), synced, purged, failed.")
  private @Nullable State state;

  @Option(names = "--json", description = "Prints JSON, as GET /api/files answers.")
  private boolean json;

  @Override
  public Integer call() throws Engine.CommandFailure {
    CaravanCommand caravan = Commands.of(parent);
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    Optional<String> word = Optional.ofNullable(state).map(State::toString);
    String start = prefix == null ? "" : prefix;
    List<Object> all = new ArrayList<>();
    String cursor = "";
    do {
      Map<String, @Nullable Object> page =
          caravan.engine().files(caravan.settings(), start, word, cursor);
      for (Object each : page.get("files") instanceof List<?> files ? files : List.of()) {
        if (json) {
          all.add(each);
        } else if (each instanceof Map<?, ?> file) {
          print(out, file);
        }
      }
      cursor = page.get("next_cursor") instanceof String next ? next : "";
    } while (!cursor.isEmpty());
    if (json) {
      Map<String, @Nullable Object> answer = new LinkedHashMap<>();
      answer.put("files", all);
      answer.put("next_cursor", null);
      out.println(Json.indent(answer));
    }
    out.flush();
    return 0;
  }

  private static void print(PrintWriter out, Map<?, ?> file) {
    StringBuilder remotes = new StringBuilder();
    Commands.map(file, "remotes")
        .forEach(
            (name, copy) -> {
              if (copy instanceof Map<?, ?> each) {
                remotes.append(' ').append(name).append('=').append(each.get("state"));
              }
            });
    out.printf(
        "%-7s %12d  %s  %s%s%n",
        file.get("state"),
        Commands.number(file, "size"),
        file.get("modified_at"),
        Commands.shown(Commands.text(file, "path")),
        remotes.isEmpty() ? "" : " " + remotes);
  }
}
