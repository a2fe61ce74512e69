package dev.caravan.arch.sample.sync;

import dev.caravan.arch.sample.config.AllowedSettings;
import java.nio.file.Path;
import java.time.Instant;

/** Breaks nothing: decides from its arguments. */
public final class AllowedPlanner {
  public boolean plan(AllowedSettings settings, Path path, Instant now) {
    return settings.b() > now.getEpochSecond() && path.isAbsolute();
  }
}
