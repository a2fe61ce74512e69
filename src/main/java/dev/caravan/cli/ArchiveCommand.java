package dev.caravan.cli;

import dev.caravan.archive.ArchiveDesk;
import dev.caravan.archive.ArchiveDesk.Choice;
import dev.caravan.archive.ArchiveRefusal;
import dev.caravan.archive.LocalWalk;
import dev.caravan.archive.queue.QueueRow.State;
import dev.caravan.catalog.sql.SqlFailedException;
import dev.caravan.config.ArchiveSettings;
import dev.caravan.config.Settings;
import dev.caravan.event.Counted;
import dev.caravan.event.PathNames;
import dev.caravan.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code caravan archive}: works on the queues, with and without a running daemon. */
@Command(
    name = "archive",
    mixinStandardHelpOptions = true,
    description = "The queues of archives; without a word after it, how they stand.",
    footer = "Exits 0 when it was done; 1 when not; 2 on bad usage or configuration.")
final class ArchiveCommand implements Callable<Integer> {

  private static final int PAGE = 1_000;

  @ParentCommand private @Nullable CaravanCommand parent;
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final Shape shape = new Shape();

  /** How what is found is printed; before the word after {@code archive} as well as behind it. */
  static final class Shape {
    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;
  }

  /** Which files a command is about. */
  static final class Chosen {
    @Parameters(index = "0", paramLabel = "ARCHIVE")
    private String archive = "";

    @Parameters(
        index = "1..*",
        arity = "1..*",
        paramLabel = "FILE",
        description = "Ids or remote paths.")
    private List<String> files = List.of();
  }

  /** What a command does with an archive's queue. */
  private interface Work<T> {
    T on(ArchiveDesk desk) throws ArchiveRefusal, IOException;
  }

  @Override
  public Integer call() throws Engine.CommandFailure {
    List<Map<String, @Nullable Object>> all = new ArrayList<>();
    for (ArchiveSettings each : settings().archives()) {
      all.add(with(each, desk -> desk.views().archive()));
    }
    if (shape.json) {
      say(Json.indent(Map.of("archives", all)));
    } else if (all.isEmpty()) {
      say("No archives are configured (docs/migrating-from-suprsync.md shows how)");
    } else {
      all.forEach(
          view ->
              say(
                  "%-20s %s files, %s not copied; %s"
                      .formatted(
                          view.get("name"),
                          view.get("num_files"),
                          view.get("uncopied_files"),
                          view.get("states"))));
    }
    return 0;
  }

  @Command(name = "list", mixinStandardHelpOptions = true, description = "The files of an archive.")
  int list(
      @Parameters(paramLabel = "ARCHIVE") String name,
      @Option(
              names = "--state",
              paramLabel = "STATE",
              description = "Only these: ${COMPLETION-CANDIDATES}.")
          @Nullable State state,
      @Mixin Shape given)
      throws Engine.CommandFailure {
    return with(name, desk -> list(desk, Optional.ofNullable(state), given));
  }

  /** A page at a time, but for JSON, which is one document. */
  private int list(ArchiveDesk desk, Optional<State> state, Shape given) {
    List<Map<String, @Nullable Object>> all = new ArrayList<>();
    long after = 0;
    while (true) {
      List<Map<String, @Nullable Object>> page = desk.views().files(state, after, PAGE);
      all.addAll(page);
      if (page.size() < PAGE) {
        return print(all, given);
      }
      after = Commands.number(page.get(page.size() - 1), "id");
      if (!isJson(given)) {
        print(all, given);
        all.clear();
      }
    }
  }

  @Command(
      name = "next",
      mixinStandardHelpOptions = true,
      description = "The files of an archive that are copied next.")
  int next(@Parameters(paramLabel = "ARCHIVE") String name, @Mixin Shape given)
      throws Engine.CommandFailure {
    return print(with(name, desk -> desk.views().next()), given);
  }

  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      description = "What is known of a local file, in every archive.")
  int check(@Parameters(paramLabel = "FILE") Path file, @Mixin Shape given)
      throws Engine.CommandFailure {
    Map<Object, Map<String, @Nullable Object>> found = new LinkedHashMap<>();
    String path = PathNames.textOf(file.toAbsolutePath().normalize());
    for (ArchiveSettings each : settings().archives()) {
      with(each, desk -> desk.views().check(path))
          .forEach(view -> found.putIfAbsent(each.dbPath() + " " + view.get("id"), view));
    }
    print(List.copyOf(found.values()), given);
    return found.isEmpty() ? 1 : 0;
  }

  @Command(
      name = "retry",
      mixinStandardHelpOptions = true,
      description = "Has files tried again that failed or were given up.")
  int retry(
      @Parameters(index = "0", paramLabel = "ARCHIVE") String name,
      @Parameters(index = "1..*", paramLabel = "FILE", description = "Ids or remote paths.")
          @Nullable List<String> files,
      @Option(names = "--all", description = "All of them.") boolean all)
      throws Engine.CommandFailure {
    List<String> named = files == null ? List.of() : files;
    if (all != named.isEmpty()) {
      throw new Engine.CommandFailure(2, "Name the files, or say --all", null);
    }
    return all
        ? sayFiles(with(name, desk -> desk.retry(new Choice.AllFailed())))
        : change(name, named, ArchiveDesk::retry);
  }

  @Command(
      name = "ignore",
      mixinStandardHelpOptions = true,
      description = "Leaves files out: they are not copied, and keep nothing else waiting.")
  int ignore(@Mixin Chosen chosen) throws Engine.CommandFailure {
    return change(chosen.archive, chosen.files, (desk, choice) -> desk.ignore(choice, true));
  }

  @Command(
      name = "unignore",
      mixinStandardHelpOptions = true,
      description = "Takes files in again that were left out.")
  int unignore(@Mixin Chosen chosen) throws Engine.CommandFailure {
    return change(chosen.archive, chosen.files, (desk, choice) -> desk.ignore(choice, false));
  }

  private interface Change {
    int make(ArchiveDesk desk, Choice choice) throws ArchiveRefusal;
  }

  private int change(String name, List<String> files, Change change) throws Engine.CommandFailure {
    return sayFiles(
        with(
            name,
            desk -> {
              int changed = 0;
              for (String each : files) {
                changed += change.make(desk, choice(each));
              }
              return changed;
            }));
  }

  private static Choice choice(String file) {
    return file.matches("[0-9]{1,18}")
        ? new Choice.Id(Long.parseLong(file))
        : new Choice.Remote(file);
  }

  @Command(name = "add", mixinStandardHelpOptions = true, description = "Registers a file.")
  int add(
      @Parameters(index = "0", paramLabel = "ARCHIVE") String name,
      @Parameters(index = "1", paramLabel = "FILE") Path local,
      @Parameters(
              index = "2",
              paramLabel = "REMOTE_PATH",
              description = "Below the archive's remote_basedir.")
          String remote,
      @Option(names = "--timestamp", description = "Seconds since 1970; default: now.")
          @Nullable Double timestamp,
      @Option(names = "--md5", description = "Of the content; default: read from the file.")
          @Nullable String md5,
      @Option(names = "--keep", description = "The local file is never deleted.") boolean keep)
      throws Engine.CommandFailure {
    ArchiveDesk.Wish wish =
        new ArchiveDesk.Wish(
            PathNames.textOf(local.toAbsolutePath().normalize()),
            remote,
            timestamp == null ? OptionalDouble.empty() : OptionalDouble.of(timestamp),
            Optional.ofNullable(md5),
            !keep);
    say(Long.toString(with(name, desk -> desk.add(wish)).row().id()));
    return 0;
  }

  @Command(
      name = "add-local-files",
      mixinStandardHelpOptions = true,
      description = "Registers all files below a folder that are not registered yet.")
  int addLocalFiles(
      @Parameters(index = "0", paramLabel = "ROOT") Path root,
      @Parameters(index = "1", paramLabel = "ARCHIVE") String name,
      @Option(
              names = "--last-edit",
              paramLabel = "SECONDS",
              defaultValue = "60",
              description = "Younger files are left out; default: ${DEFAULT-VALUE}.")
          double lastEdit,
      @Option(names = "--dry", description = "Only says what would be registered.") boolean dry)
      throws Engine.CommandFailure {
    Path folder = root.toAbsolutePath().normalize();
    LocalWalk.Result result =
        with(
            name,
            desk -> {
              try {
                return new LocalWalk(desk, Clock.systemUTC()).add(folder, lastEdit, dry);
              } catch (IOException e) {
                throw new IOException(
                    "The folder %s cannot be read: %s".formatted(root, e.getMessage()), e);
              }
            });
    say(result.files() + (dry ? " files would be registered" : " files registered"));
    if (dry) {
      result.first().forEach(each -> say("  " + Commands.shown(each)));
    }
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    result.faults().forEach(each -> err.println(Commands.shown(each)));
    err.flush();
    return result.faults().isEmpty() ? 0 : 1;
  }

  private boolean isJson(Shape given) {
    return shape.json || given.json;
  }

  private int print(List<Map<String, @Nullable Object>> files, Shape given) {
    if (isJson(given)) {
      say(Json.indent(Map.of("files", files)));
      return 0;
    }
    List<String> lines = new ArrayList<>();
    for (Map<String, @Nullable Object> each : files) {
      String reason = each.get("reason") == null ? "" : "  " + each.get("reason");
      lines.add(
          "%6s  %-8s %2s  %s  <- %s%s"
              .formatted(
                  each.get("id"),
                  each.get("state"),
                  each.get("failed_copy_attempts"),
                  Commands.shown(Commands.text(each, "remote_path")),
                  Commands.shown(Commands.text(each, "local_path")),
                  Commands.shown(reason)));
    }
    say(lines.toArray(String[]::new));
    return 0;
  }

  private int sayFiles(int files) {
    say(Counted.of(files, "file"));
    return 0;
  }

  private void say(String... lines) {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    for (String each : lines) {
      out.println(each);
    }
    out.flush();
  }

  private Settings settings() throws Engine.CommandFailure {
    return Commands.of(parent).settings();
  }

  /**
   * Opens the archive of this name, works on it, and says what went wrong in the words of the CLI.
   */
  private <T> T with(String name, Work<T> work) throws Engine.CommandFailure {
    List<ArchiveSettings> all = settings().archives();
    for (ArchiveSettings each : all) {
      if (each.name().equals(name)) {
        return with(each, work);
      }
    }
    throw new Engine.CommandFailure(
        2,
        all.isEmpty()
            ? "There is no archive '%s'; none is configured".formatted(name)
            : "There is no archive '%s'; known are: %s"
                .formatted(
                    name, String.join(", ", all.stream().map(ArchiveSettings::name).toList())),
        null);
  }

  private static <T> T with(ArchiveSettings archive, Work<T> work) throws Engine.CommandFailure {
    try (ArchiveDesk desk = ArchiveDesk.open(archive, Clock.systemUTC())) {
      return work.on(desk);
    } catch (IOException | ArchiveRefusal | SqlFailedException e) {
      throw new Engine.CommandFailure(1, String.valueOf(e.getMessage()), e);
    }
  }
}
