package dev.caravan.catalog;

import org.jspecify.annotations.Nullable;

/** The catalog cannot be used; the message says why and what to do. */
public final class CatalogException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is wrong with it. */
  public enum Fault {
    /** Not a catalog, or damaged: it can be rebuilt from the store and the remotes. */
    CORRUPT,
    /** Written by a newer Caravan. */
    NEWER,
    /** The file cannot be opened, read or written. */
    UNUSABLE
  }

  private final Fault fault;

  public CatalogException(Fault fault, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.fault = fault;
  }

  public Fault fault() {
    return fault;
  }
}
