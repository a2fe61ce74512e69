package dev.caravan.arch.sample.remote.one;

import dev.caravan.arch.sample.remote.two.AllowedRemote;

/** Breaks a rule on purpose: a provider that knows another. */
public final class OneProvider {
  public String look(AllowedRemote other) {
    return other.toString();
  }
}
