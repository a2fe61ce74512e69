package dev.caravan.cli;

import dev.caravan.archive.ArchiveDesk;
import dev.caravan.archive.ArchiveDesk.Choice;
import dev.caravan.archive.ArchiveRefusal;
import dev.caravan.archive.LocalWalk;
import dev.caravan.archive.queue.QueueRow.State;
import dev.caravan.catalog.sql.SqlFailedException;
import dev.caravan.config.ArchiveSettings;
import dev.caravan.config.Settings;
import dev.caravan.event.PathNames;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Override
  public Integer call() throws Engine.CommandFailure {
    List<Map<String, @Nullable Object>> all = new ArrayList<>();
    for (ArchiveSettings each : settings().archives()) {
      try (ArchiveDesk desk = open(each)) {
        all.add(desk.views().archive());
      }
    }
    PrintWriter out = out();
    if (json) {
      out.println(Commands.json(Map.of("archives", all)));
    } else if (all.isEmpty()) {
      out.println("No archives are configured (docs/migrating-from-suprsync.md shows how)");
    } else {
      all.forEach(
          view ->
              out.printf(
                  "%-20s %s files, %s not copied; %s%n",
                  view.get("name"),
                  view.get("num_files"),
                  view.get("uncopied_files"),
                  view.get("states")));
    }
    out.flush();
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
      @Option(names = "--json", description = "Prints JSON.") boolean asJson)
      throws Engine.CommandFailure {
    try (ArchiveDesk desk = open(name)) {
      List<Map<String, @Nullable Object>> all = new ArrayList<>();
      long after = 0;
      while (true) {
        List<Map<String, @Nullable Object>> page =
            desk.views().files(Optional.ofNullable(state), after, PAGE);
        all.addAll(page);
        if (page.size() < PAGE) {
          break;
        }
        after = Commands.number(page.get(page.size() - 1), "id");
        if (!asJson && !json) {
          print(all, false);
          all.clear();
        }
      }
      print(all, asJson || json);
      return 0;
    }
  }

  @Command(
      name = "next",
      mixinStandardHelpOptions = true,
      description = "The files of an archive that are copied next.")
  int next(
      @Parameters(paramLabel = "ARCHIVE") String name,
      @Option(names = "--json", description = "Prints JSON.") boolean asJson)
      throws Engine.CommandFailure {
    try (ArchiveDesk desk = open(name)) {
      print(desk.views().next(), asJson || json);
      return 0;
    }
  }

  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      description = "What is known of a local file, in every archive.")
  int check(
      @Parameters(paramLabel = "FILE") Path file,
      @Option(names = "--json", description = "Prints JSON.") boolean asJson)
      throws Engine.CommandFailure {
    Map<Object, Map<String, @Nullable Object>> found = new LinkedHashMap<>();
    String path = PathNames.textOf(file.toAbsolutePath().normalize());
    for (ArchiveSettings each : settings().archives()) {
      try (ArchiveDesk desk = open(each)) {
        desk.views()
            .check(path)
            .forEach(view -> found.putIfAbsent(each.dbPath() + " " + view.get("id"), view));
      }
    }
    print(List.copyOf(found.values()), asJson || json);
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
    if (all == (files != null && !files.isEmpty())) {
      throw new Engine.CommandFailure(2, "Name the files, or say --all", null);
    }
    if (!all) {
      return change(name, files, ArchiveDesk::retry);
    }
    try (ArchiveDesk desk = open(name)) {
      say(desk.retry(new Choice.AllFailed()));
      return 0;
    } catch (ArchiveRefusal e) {
      throw failure(e);
    }
  }

  @Command(
      name = "ignore",
      mixinStandardHelpOptions = true,
      description = "Leaves files out: they are not copied, and keep nothing else waiting.")
  int ignore(
      @Parameters(index = "0", paramLabel = "ARCHIVE") String name,
      @Parameters(
              index = "1..*",
              arity = "1..*",
              paramLabel = "FILE",
              description = "Ids or remote paths.")
          List<String> files)
      throws Engine.CommandFailure {
    return change(name, files, (desk, choice) -> desk.ignore(choice, true));
  }

  @Command(
      name = "unignore",
      mixinStandardHelpOptions = true,
      description = "Takes files in again that were left out.")
  int unignore(
      @Parameters(index = "0", paramLabel = "ARCHIVE") String name,
      @Parameters(
              index = "1..*",
              arity = "1..*",
              paramLabel = "FILE",
              description = "Ids or remote paths.")
          List<String> files)
      throws Engine.CommandFailure {
    return change(name, files, (desk, choice) -> desk.ignore(choice, false));
  }

  private interface Change {
    int make(ArchiveDesk desk, Choice choice) throws ArchiveRefusal;
  }

  private int change(String name, @Nullable List<String> files, Change change)
      throws Engine.CommandFailure {
    int changed = 0;
    try (ArchiveDesk desk = open(name)) {
      for (String each : files == null ? List.<String>of() : files) {
        Choice choice =
            each.matches("[0-9]{1,18}")
                ? new Choice.Id(Long.parseLong(each))
                : new Choice.Remote(each);
        changed += change.make(desk, choice);
      }
      say(changed);
      return 0;
    } catch (ArchiveRefusal e) {
      throw failure(e);
    }
  }

  private void say(int files) {
    PrintWriter out = out();
    out.println(files + (files == 1 ? " file" : " files"));
    out.flush();
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
    try (ArchiveDesk desk = open(name)) {
      ArchiveDesk.Added added =
          desk.add(
              new ArchiveDesk.Wish(
                  PathNames.textOf(local.toAbsolutePath().normalize()),
                  remote,
                  timestamp == null ? OptionalDouble.empty() : OptionalDouble.of(timestamp),
                  Optional.ofNullable(md5),
                  !keep));
      PrintWriter out = out();
      out.println(added.row().id());
      out.flush();
      return 0;
    } catch (ArchiveRefusal e) {
      throw failure(e);
    }
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
    PrintWriter out = out();
    try (ArchiveDesk desk = open(name)) {
      LocalWalk.Result result =
          new LocalWalk(desk, Clock.systemUTC())
              .add(root.toAbsolutePath().normalize(), lastEdit, dry);
      out.printf("%d %s%n", result.files(), dry ? "files would be registered" : "files registered");
      if (dry) {
        result.first().forEach(each -> out.println("  " + Commands.shown(each)));
      }
      out.flush();
      PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
      result.faults().forEach(each -> err.println(Commands.shown(each)));
      err.flush();
      return result.faults().isEmpty() ? 0 : 1;
    } catch (IOException e) {
      throw new Engine.CommandFailure(
          1, "The folder %s cannot be read: %s".formatted(root, e.getMessage()), e);
    }
  }

  private void print(List<Map<String, @Nullable Object>> files, boolean asJson) {
    PrintWriter out = out();
    if (asJson) {
      out.println(Commands.json(Map.of("files", files)));
    } else {
      for (Map<String, @Nullable Object> each : files) {
        String reason = each.get("reason") == null ? "" : "  " + each.get("reason");
        out.printf(
            Locale.ROOT,
            "%6s  %-8s %2s  %s  <- %s%s%n",
            each.get("id"),
            each.get("state"),
            each.get("failed_copy_attempts"),
            Commands.shown(Commands.text(each, "remote_path")),
            Commands.shown(Commands.text(each, "local_path")),
            Commands.shown(reason));
      }
    }
    out.flush();
  }

  private Settings settings() throws Engine.CommandFailure {
    return Commands.of(parent).settings();
  }

  private ArchiveDesk open(String name) throws Engine.CommandFailure {
    List<ArchiveSettings> all = settings().archives();
    Optional<ArchiveSettings> found =
        all.stream().filter(each -> each.name().equals(name)).findFirst();
    if (found.isEmpty()) {
      throw new Engine.CommandFailure(
          2,
          all.isEmpty()
              ? "There is no archive '%s'; none is configured".formatted(name)
              : "There is no archive '%s'; known are: %s"
                  .formatted(
                      name, String.join(", ", all.stream().map(ArchiveSettings::name).toList())),
          null);
    }
    return open(found.get());
  }

  private static ArchiveDesk open(ArchiveSettings archive) throws Engine.CommandFailure {
    try {
      return ArchiveDesk.open(archive, Clock.systemUTC());
    } catch (IOException | SqlFailedException e) {
      throw new Engine.CommandFailure(1, String.valueOf(e.getMessage()), e);
    }
  }

  private static Engine.CommandFailure failure(ArchiveRefusal e) {
    return new Engine.CommandFailure(1, String.valueOf(e.getMessage()), e);
  }

  private PrintWriter out() {
    return Objects.requireNonNull(spec).commandLine().getOut();
  }
}
