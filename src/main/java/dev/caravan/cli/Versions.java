package dev.caravan.cli;

import java.util.Optional;

/** What this build is called. */
public final class Versions {
  private Versions() {}

  public static String caravan() {
    return Optional.ofNullable(Versions.class.getPackage().getImplementationVersion())
        .orElse("development");
  }
}
