package dev.caravan.arch.sample.remote.two;

import dev.caravan.arch.sample.config.AllowedSettings;
import org.apache.camel.util.StringHelper;

/** Breaks nothing: a lower floor, and Camel's small tools. */
public final class AllowedRemote {
  public String look(AllowedSettings settings) {
    return StringHelper.capitalize(settings.a());
  }
}
