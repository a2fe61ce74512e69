package dev.caravan.snapshot.manifest;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A manifest is cut off, was changed, or was made by a newer Caravan: none of it may be used. */
public final class DamagedManifestException extends IOException {
  private static final long serialVersionUID = 1L;

  public DamagedManifestException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
