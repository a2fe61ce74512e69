package dev.caravan;

import dev.caravan.cli.CaravanCommand;
import java.util.Arrays;
import java.util.Set;

/** The entry point. */
public final class Caravan {

  private static final String LOG_LEVEL = "caravan.log.level";

  private Caravan() {}

  public static void main(String[] args) {
    quietNetty();
    quietCommands(args);
    int code = CaravanCommand.execute(new Launcher(), System.getenv(), args);
    System.exit(code);
  }

  /** Netty's short cut to memory outside the heap makes newer Javas print warnings. */
  private static void quietNetty() {
    if (Runtime.version().feature() >= 24) {
      System.setProperty("io.netty.noUnsafe", "true");
    }
  }

  /** The daemon's log tells what it does; a command's own output does that. */
  private static void quietCommands(String[] args) {
    Set<String> commands = Set.of("sync", "status", "runs", "files", "validate");
    boolean command = Arrays.stream(args).anyMatch(commands::contains);
    if (command
        && System.getProperty(LOG_LEVEL) == null
        && System.getenv("CARAVAN_LOG_LEVEL") == null) {
      System.setProperty(LOG_LEVEL, "off");
    }
  }
}
