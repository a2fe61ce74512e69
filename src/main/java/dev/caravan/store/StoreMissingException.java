package dev.caravan.store;

import org.jspecify.annotations.Nullable;

/**
 * The root of the store is not there, cannot be read, or was replaced while it was looked at:
 * nothing may be concluded about any file. The message is one line for the operator.
 *
 * <p>Unchecked because it can end a scan at any step, and there is nothing to do but halt.
 */
public final class StoreMissingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StoreMissingException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
