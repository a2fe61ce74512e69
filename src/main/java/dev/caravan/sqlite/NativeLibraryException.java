package dev.caravan.sqlite;

import java.io.Serial;
import java.sql.SQLException;

/** The native library of SQLite cannot be loaded; the message says why, and what to set. */
public final class NativeLibraryException extends SQLException {

  @Serial private static final long serialVersionUID = 1L;

  NativeLibraryException(String message) {
    super(message);
  }
}
