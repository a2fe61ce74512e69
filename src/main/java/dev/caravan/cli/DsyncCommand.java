package dev.caravan.cli;

import dev.caravan.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code caravan dsync}: the proxy for Dgraph's exports and nothing else, with dsync's options. */
@Command(
    name = "dsync",
    mixinStandardHelpOptions = true,
    description = "Stands before a Dgraph Alpha and brings its exports to S3, encrypted.",
    footer = "Runs until SIGTERM. A --config with a dgraph section takes the place of options.",
    subcommands = DsyncFetchCommand.class)
final class DsyncCommand implements Callable<Integer> {

  @ParentCommand private @Nullable CaravanCommand parent;
  @Spec private @Nullable CommandSpec spec;
  @Mixin private DsyncOptions options = new DsyncOptions();

  @Option(
      names = "--towatch",
      paramLabel = "DIR",
      description = "The folder that the Alpha exports to; default: /dgraph/export.")
  private @Nullable String towatch;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description =
          "The address that the proxy listens on; default: 0.0.0.0, as dsync did. Whoever reaches"
              + " it reaches the Alpha past its IP whitelist: 127.0.0.1 is for this machine only.")
  private @Nullable String host;

  @Option(names = "--port", paramLabel = "PORT", description = "Of the proxy; default: 10080.")
  private @Nullable String port;

  @Option(
      names = "--upstream",
      paramLabel = "URL",
      description = "The Alpha; default: http://localhost:8080.")
  private @Nullable String upstream;

  @Option(
      names = "--allow-host",
      paramLabel = "HOST",
      description = "Also goes there as a forward proxy; may be given several times.")
  private List<String> hosts = new ArrayList<>();

  @Option(
      names = "--state",
      paramLabel = "DIR",
      defaultValue = "./dsync-state",
      description = "Where exports are on record; default: ${DEFAULT-VALUE}.")
  private String state = "./dsync-state";

  @Override
  public Integer call() throws Engine.CommandFailure {
    CaravanCommand caravan = Commands.of(parent);
    options.warn(Objects.requireNonNull(spec).commandLine().getErr());
    Map<String, @Nullable Object> more = new LinkedHashMap<>();
    more.put("towatch", towatch);
    more.put("host", host);
    more.put("port", port);
    more.put("upstream", upstream);
    List<String> defaults = new ArrayList<>();
    if (!caravan.hasConfig()) {
      // As dsync was: for others than this machine, with its names, and alone.
      defaults.addAll(
          List.of(
              "dgraph.naming=dsync",
              "dgraph.host=0.0.0.0",
              "storage.remotes=[]",
              "store.path=" + state,
              "store.watch=false"));
    }
    for (int i = 0; i < hosts.size(); i++) {
      more.put("allowed_hosts[%d]".formatted(i), hosts.get(i));
    }
    Settings settings = options.settings(caravan, defaults, more);
    if (!caravan.hasConfig()) {
      makeState();
    }
    return caravan.engine().serve(settings);
  }

  private void makeState() throws Engine.CommandFailure {
    try {
      Files.createDirectories(Path.of(state));
    } catch (IOException | InvalidPathException e) {
      throw new Engine.CommandFailure(
          1, "The folder %s cannot be made: set --state to another".formatted(state), e);
    }
  }
}
