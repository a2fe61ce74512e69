package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.config.read.ConfigReader;
import dev.caravan.config.read.Problem;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
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
    versionProvider = CaravanCommand.Version.class,
    subcommands = {
      RunCommand.class,
      SyncCommand.class,
      PurgeCommand.class,
      CheckCommand.class,
      RestoreCommand.class,
      StatusCommand.class,
      RunsCommand.class,
      FilesCommand.class,
      ValidateCommand.class,
      RoutesCommand.class,
      ArchiveCommand.class,
      DsyncCommand.class,
      MoverCommand.class,
      AutoComplete.GenerateCompletion.class
    })
public final class CaravanCommand implements Callable<Integer> {

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
    return line(engine, env).execute(args);
  }

  static CommandLine line(Engine engine, Map<String, String> env) {
    CaravanCommand command = new CaravanCommand(engine, env);
    CommandLine line = new CommandLine(command);
    line.setExecutionExceptionHandler(command::failed);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    return line;
  }

  private int failed(Exception e, CommandLine line, CommandLine.ParseResult result) {
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
    return settings(read());
  }

  private static Settings settings(ConfigReader.Result result) throws Engine.CommandFailure {
    if (result.settings().isEmpty()) {
      String all = String.join("\n", result.problems().stream().map(Problem::text).toList());
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
   */
  Settings settings(List<String> defaults, List<String> wins, Map<String, String> variables)
      throws Engine.CommandFailure {
    List<String> all = new ArrayList<>(defaults);
    all.addAll(sets);
    all.addAll(wins);
    Map<String, String> known = new LinkedHashMap<>(env);
    known.putAll(variables);
    return settings(new ConfigReader(known, Path.of("")).read(Optional.ofNullable(config), all));
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
