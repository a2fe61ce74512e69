package dev.caravan;

import dev.caravan.cli.CaravanCommand;

/** The entry point. */
public final class Caravan {

  private Caravan() {}

  public static void main(String[] args) {
    int code = CaravanCommand.execute(new Launcher(), System.getenv(), args);
    System.exit(code);
  }
}
