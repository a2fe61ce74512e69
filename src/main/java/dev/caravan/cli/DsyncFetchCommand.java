package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.event.Counted;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caravan dsync fetch}. */
@Command(
    name = "fetch",
    mixinStandardHelpOptions = true,
    description = "Brings exports back from S3 and compares them with their manifests.",
    footer = "Exits 0 when all came and were right; 1 failed; 2 no key, or a bad one.")
final class DsyncFetchCommand implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;
  @Mixin private DsyncOptions options = new DsyncOptions();

  @Parameters(
      arity = "1..*",
      paramLabel = "NAME",
      description =
          "A folder such as 2026-11-21-032800, \"transformer\" for dsync's names, or an object.")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--to",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "Where to put them; default: this folder.")
  private Path to = Path.of(".");

  @Override
  public Integer call() throws Engine.CommandFailure {
    CommandSpec own = Objects.requireNonNull(spec);
    CaravanCommand caravan = (CaravanCommand) own.root().userObject();
    PrintWriter out = own.commandLine().getOut();
    options.warn(own.commandLine().getErr());
    Settings settings = options.settings(caravan, List.of(), Map.of());
    int files = caravan.engine().fetchExports(settings, names, to, out::println);
    out.println(Counted.of(files, "file") + " came as stored");
    return 0;
  }
}
