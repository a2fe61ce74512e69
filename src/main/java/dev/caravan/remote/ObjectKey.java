package dev.caravan.remote;

import dev.caravan.event.StorePath;

/**
 * Names one object at a remote, without the remote's prefix: {@code a/b.txt} for the store's file
 * {@code a/b.txt}, {@code .caravan/…} for what Caravan keeps for itself.
 */
public record ObjectKey(String value) {

  /** The folder at a remote that is Caravan's own. */
  public static final String OWN = ".caravan/";

  public ObjectKey {
    if (value.isEmpty() || value.startsWith("/")) {
      throw new IllegalArgumentException("Object key '" + value + "' is empty or absolute");
    }
  }

  public static ObjectKey of(StorePath path) {
    return new ObjectKey(path.value());
  }

  public static ObjectKey own(String rest) {
    return new ObjectKey(OWN + rest);
  }

  public boolean isOwn() {
    return value.startsWith(OWN);
  }

  @Override
  public String toString() {
    return value;
  }
}
