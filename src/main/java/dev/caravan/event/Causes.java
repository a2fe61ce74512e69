package dev.caravan.event;

import java.io.IOException;
import java.nio.file.FileSystemException;
import org.jspecify.annotations.Nullable;

/** What went wrong, in words. */
public final class Causes {

  private Causes() {}

  /** What wraps the first cause tells of Java, rarely of what happened. */
  public static Throwable rootOf(Throwable fault) {
    Throwable root = fault;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root;
  }

  /** The text of the first cause; {@code unknown} where nobody says what it was. */
  public static String rootTextOf(@Nullable Throwable fault) {
    return fault == null ? "unknown" : textOf(rootOf(fault));
  }

  /** Its own message; the name of its kind where it has none. */
  public static String textOf(Throwable fault) {
    return orKind(fault.getMessage(), fault);
  }

  /** Why a file system refused, without the path; the name of its kind where it does not say. */
  public static String reasonOf(IOException fault) {
    return orKind(
        fault instanceof FileSystemException f ? f.getReason() : fault.getMessage(), fault);
  }

  private static String orKind(@Nullable String text, Throwable fault) {
    return text == null ? fault.getClass().getSimpleName() : text;
  }
}
