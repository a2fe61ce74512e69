package dev.caravan.cli;

import dev.caravan.cli.mover.MoverListCommand;
import dev.caravan.cli.mover.MoverRestoreCommand;
import dev.caravan.cli.mover.MoverVerifyCommand;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code caravan datamover}. */
@Command(
    name = "datamover",
    mixinStandardHelpOptions = true,
    description =
        "Backs a mounted volume up to a bucket, as the environment says, and exits; below it, what"
            + " can be done with such backups.",
    footer =
        "Exits 0 when the backup is complete, 1 when not. docs/datamover.md lists all variables.",
    subcommands = {MoverRestoreCommand.class, MoverListCommand.class, MoverVerifyCommand.class})
final class MoverCommand implements Callable<Integer> {

  @ParentCommand private @Nullable CaravanCommand parent;
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    CaravanCommand caravan = Commands.of(parent);
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    return caravan
        .engine()
        .backup(
            caravan.env(),
            line -> {
              out.println(line);
              out.flush();
            },
            err::println);
  }
}
