package dev.caravan.cli;

import dev.caravan.cli.mover.MoverListCommand;
import dev.caravan.cli.mover.MoverRestoreCommand;
import dev.caravan.cli.mover.MoverVerifyCommand;
import picocli.CommandLine.Command;

/** {@code caravan datamover}. */
@Command(
    name = "datamover",
    mixinStandardHelpOptions = true,
    description = "Backups of a volume in object storage, as the environment says.",
    subcommands = {MoverRestoreCommand.class, MoverListCommand.class, MoverVerifyCommand.class})
final class DataMoverCommand {}
