package dev.caravan.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code caravan run}. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = "The daemon: watches, schedules and serves HTTP until it is told to stop.")
final class RunCommand implements Callable<Integer> {

  @ParentCommand private @Nullable CaravanCommand parent;

  @Override
  public Integer call() throws Engine.CommandFailure {
    CaravanCommand caravan = Commands.of(parent);
    return caravan.engine().serve(caravan.settings());
  }
}
