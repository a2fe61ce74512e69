package dev.caravan;

import dev.caravan.cli.CaravanCommand;
import dev.caravan.cli.RawWords;
import dev.caravan.log.LogSetup;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** The entry point. */
public final class Caravan {

  private Caravan() {}

  public static void main(String[] args) {
    quietNetty();
    quietCommands(args);
    Thread shortLife = new Thread(Caravan::prepareForShortLife, "short-life");
    if (Arrays.stream(args).anyMatch(Set.of("sync", "restore", "datamover")::contains)) {
      // Beside the start: it takes a fifth of a second, and that compiler begins later anyway.
      shortLife.start();
    }
    int code = CaravanCommand.execute(new Launcher(), System.getenv(), RawWords.of(args));
    awaitEnd(shortLife);
    System.exit(code);
  }

  /** The heap first, while little lives in it. */
  private static void prepareForShortLife() {
    ShortLife.startSmall();
    ShortLife.expect();
    ShortLife.keepSmall();
  }

  /** So that it leaves no unfinished file. */
  private static void awaitEnd(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Netty's short cut to memory outside the heap makes newer Javas print warnings. */
  private static void quietNetty() {
    if (Runtime.version().feature() >= 24) {
      System.setProperty("io.netty.noUnsafe", "true");
    }
  }

  /** The daemon's log tells what it does; a command's own output does that. */
  private static void quietCommands(String[] args) {
    Set<String> commands =
        Set.of(
            "sync",
            "purge",
            "restore",
            "check",
            "status",
            "runs",
            "files",
            "validate",
            "routes",
            "archive",
            "fetch");
    List<String> words = Arrays.asList(args);
    // A mover's log is its progress, whatever it does.
    if (words.stream().anyMatch(commands::contains) && !words.contains("datamover")) {
      LogSetup.silence();
    }
  }
}
