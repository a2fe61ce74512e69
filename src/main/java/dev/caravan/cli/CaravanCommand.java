package dev.caravan.cli;

import dev.caravan.archive.queue.QueueRow;
import dev.caravan.config.Settings;
import dev.caravan.config.read.ConfigReader;
import dev.caravan.config.read.Problem;
import dev.caravan.event.PathNames;
import dev.caravan.snapshot.verify.SnapshotVerify;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The program as a command line: options that all commands share, and what to do without one. */
@Command(
    name = "caravan",
    description = "Keeps a local store mirrored off-box.",
    mixinStandardHelpOptions = true,
    versionProvider = CaravanCommand.Version.class)
public final class CaravanCommand implements Callable<Integer> {

  /** The commands by their names, in the order of the help. */
  static final Map<String, Class<?>> COMMANDS = commands();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      scope = CommandLine.ScopeType.INHERIT,
      description = "The configuration; else $CARAVAN_CONFIG, config/caravan.yaml, built-in.")
  private @Nullable Path config;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      scope = CommandLine.ScopeType.INHERIT,
      description = "Sets one key over the file, such as storage.transfers=8.")
  private List<String> sets = new ArrayList<>();

  @Option(
      names = "--verbose",
      scope = CommandLine.ScopeType.INHERIT,
      description = "Shows stack traces.")
  private boolean verbose;

  private final Engine engine;
  private final Map<String, String> env;

  public CaravanCommand(Engine engine, Map<String, String> env) {
    this.engine = engine;
    this.env = env;
  }

  /** Runs a command line to its end and returns the exit code. */
  public static int execute(Engine engine, Map<String, String> env, String... args) {
    CaravanCommand daemon = new CaravanCommand(engine, env);
    if (daemon.takes(args)) {
      return daemon.serve();
    }
    return line(engine, env, needed(args)).execute(args);
  }

  /**
   * Takes the options of a line that starts the daemon and says nothing unusual; false for any
   * other line, of which nothing may be taken then. To have such a line read by picocli would cost
   * each start a tenth of its time.
   */
  boolean takes(String... args) {
    List<String> words = new ArrayList<>(List.of(args));
    if (!words.isEmpty() && words.get(words.size() - 1).equals("run")) {
      words.remove(words.size() - 1);
    }
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      String name = word.equals("--set") || word.equals("--config") ? word : word.split("=", 2)[0];
      boolean separate = name.length() == word.length();
      if (word.equals("--verbose") && !verbose) {
        verbose = true;
        continue;
      }
      if (separate && ++i == words.size()) {
        return false;
      }
      String value = separate ? words.get(i) : word.substring(name.length() + 1);
      if (value.isEmpty() || "-@\"'".indexOf(value.charAt(0)) >= 0 || COMMANDS.containsKey(value)) {
        return false;
      }
      if (name.equals("--set")) {
        sets.add(value);
      } else if (name.equals("--config") && config == null) {
        config = PathNames.pathOf(value);
      } else {
        return false;
      }
    }
    return true;
  }

  /** What was written before the command, for a comparison. */
  List<Object> given() {
    return List.of(Optional.ofNullable(config), sets, verbose);
  }

  private int serve() {
    try {
      return call();
    } catch (Engine.CommandFailure | RuntimeException e) {
      return failed(e, line(engine, env, List.of()));
    }
  }

  private static Map<String, Class<?>> commands() {
    Map<String, Class<?>> all = new LinkedHashMap<>();
    all.put("run", RunCommand.class);
    all.put("sync", SyncCommand.class);
    all.put("purge", PurgeCommand.class);
    all.put("check", CheckCommand.class);
    all.put("restore", RestoreCommand.class);
    all.put("status", StatusCommand.class);
    all.put("pause", HoldCommands.Pause.class);
    all.put("resume", HoldCommands.Resume.class);
    all.put("drain", HoldCommands.Drain.class);
    all.put("stop", HoldCommands.Stop.class);
    all.put("bandwidth", HoldCommands.Limit.class);
    all.put("runs", RunsCommand.class);
    all.put("files", FilesCommand.class);
    all.put("validate", ValidateCommand.class);
    all.put("routes", RoutesCommand.class);
    all.put("archive", ArchiveCommand.class);
    all.put("dsync", DsyncCommand.class);
    all.put("datamover", MoverCommand.class);
    all.put("generate-completion", AutoComplete.GenerateCompletion.class);
    return all;
  }

  /**
   * The commands that a line can come to: reading what all of them take costs each start a tenth of
   * a second. All of them, where the line has to be explained.
   */
  static Collection<Class<?>> needed(String... args) {
    for (int i = 0; i < args.length; i++) {
      String arg = args[i];
      if (arg.equals("--set") || arg.equals("--config")) {
        i++;
      } else if (COMMANDS.containsKey(arg) && !arg.equals("generate-completion")) {
        return List.of(COMMANDS.get(arg));
      } else if (!arg.matches("--verbose|--(set|config)=.*")) {
        return COMMANDS.values();
      }
    }
    return List.of();
  }

  static CommandLine line(
      Engine engine, Map<String, String> env, Collection<Class<?>> subcommands) {
    CaravanCommand command = new CaravanCommand(engine, env);
    CommandLine line = new CommandLine(command);
    subcommands.forEach(line::addSubcommand);
    line.setExecutionExceptionHandler((e, failed, parsed) -> command.failed(e, failed));
    line.setExecutionStrategy(Usage::run);
    line.setParameterExceptionHandler(Usage::wrong);
    line.setExpandAtFiles(false);
    line.registerConverter(Path.class, CaravanCommand::path);
    Usage.register(line, FilesCommand.State.class);
    Usage.register(line, QueueRow.State.class);
    Usage.register(line, SnapshotVerify.Mode.class);
    line.setOut(RawWords.writer(System.out));
    line.setErr(RawWords.writer(System.err));
    return line;
  }

  /** As from a variable that is not set: it would be the folder that one stands in. */
  private static Path path(String text) {
    if (text.isBlank()) {
      throw new CommandLine.TypeConversionException("a path cannot be empty");
    }
    return PathNames.pathOf(text);
  }

  private int failed(Exception e, CommandLine line) {
    PrintWriter err = line.getErr();
    int code = 1;
    if (e instanceof Engine.CommandFailure failure) {
      err.println(failure.getMessage());
      code = failure.exitCode();
    } else {
      err.println("Caravan failed inside: " + e + " (--verbose shows where)");
    }
    if (verbose) {
      e.printStackTrace(err);
    }
    return code;
  }

  /** Without a command, the daemon runs. */
  @Override
  public Integer call() throws Engine.CommandFailure {
    return engine.serve(settings());
  }

  /** The environment of the process. */
  Map<String, String> env() {
    return env;
  }

  Engine engine() {
    return engine;
  }

  /** The configuration, or its problems on standard error and exit code 2. */
  Settings settings() throws Engine.CommandFailure {
    return settings(read(), Problem::text);
  }

  private static Settings settings(ConfigReader.Result result, Function<Problem, String> told)
      throws Engine.CommandFailure {
    if (result.settings().isEmpty()) {
      String all = String.join("\n", result.problems().stream().map(told).toList());
      throw new Engine.CommandFailure(2, all, null);
    }
    return result.settings().get();
  }

  /**
   * The configuration with more set over it.
   *
   * @param defaults {@code key=value} that {@code --set} wins over
   * @param wins {@code key=value} that win over everything
   * @param variables that they may name, besides those of the environment
   * @param told how a problem is said
   */
  Settings settings(
      List<String> defaults,
      List<String> wins,
      Map<String, String> variables,
      Function<Problem, String> told)
      throws Engine.CommandFailure {
    List<String> all = new ArrayList<>(defaults);
    all.addAll(sets);
    all.addAll(wins);
    Map<String, String> known = new LinkedHashMap<>(env);
    known.putAll(variables);
    ConfigReader reader = new ConfigReader(known, Path.of(""));
    return settings(reader.read(Optional.ofNullable(config), all), told);
  }

  /** Whether a configuration was named. */
  boolean hasConfig() {
    return config != null || hasVariable("CARAVAN_CONFIG");
  }

  /** Whether the environment says something under this name. */
  boolean hasVariable(String name) {
    return !env.getOrDefault(name, "").isEmpty();
  }

  ConfigReader.Result read() {
    return new ConfigReader(env, Path.of("")).read(Optional.ofNullable(config), sets);
  }

  /** The version of the jar. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"caravan " + Versions.caravan()};
    }
  }
}
