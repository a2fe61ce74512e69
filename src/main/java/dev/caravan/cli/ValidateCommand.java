package dev.caravan.cli;

import dev.caravan.config.read.ConfigReader;
import dev.caravan.config.read.Problem;
import dev.caravan.event.PathNames;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code caravan validate}. */
@Command(
    name = "validate",
    mixinStandardHelpOptions = true,
    description = "Reads the configuration and names every problem in it.")
final class ValidateCommand implements Callable<Integer> {

  @ParentCommand private @Nullable CaravanCommand parent;
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    ConfigReader.Result result = Commands.of(parent).read();
    String file = result.file().map(PathNames::textOf).orElse("the built-in defaults");
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    if (result.problems().isEmpty()) {
      out.println("Configuration " + file + " is valid");
      out.flush();
      return 0;
    }
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    result.problems().stream().map(Problem::text).forEach(err::println);
    err.flush();
    return 2;
  }
}
