package dev.caravan.arch.sample.sync;

import java.nio.file.Files;
import java.nio.file.Path;

/** Breaks a rule on purpose: a planner that reads files. */
public final class ReadingPlanner {
  public boolean plan(Path path) {
    return Files.exists(path);
  }
}
