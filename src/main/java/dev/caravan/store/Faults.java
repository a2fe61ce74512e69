package dev.caravan.store;

import dev.caravan.event.Causes;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Says in an operator's words why the file system refused. */
public final class Faults {
  private Faults() {}

  public static String causeOf(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied; let Caravan's user read it or exclude it";
    }
    if (e instanceof NoSuchFileException) {
      return "it is not there";
    }
    return Causes.reasonOf(e);
  }

  /** Why something that runs elsewhere ended: the fault of a disk, where that is behind it. */
  public static String causeOf(Exception e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException io) {
        return causeOf(io);
      }
    }
    return e.toString();
  }
}
