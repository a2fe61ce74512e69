package dev.caravan.snapshot.restore;

import dev.caravan.event.Causes;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NotDirectoryException;
import java.util.Optional;

/** Says in an operator's words why the disk refused. */
final class DiskFaults {
  private DiskFaults() {}

  static String causeOf(IOException e) {
    if (isFull(e)) {
      return "the disk is full; make room and restore again: what is there is left";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied; restore as root, or as the owner of the folder";
    }
    if (e instanceof NotDirectoryException) {
      return "a file is where a folder should be; move it away";
    }
    if (e instanceof FileAlreadyExistsException f) {
      return Optional.ofNullable(f.getReason()).orElse("something else is in its place");
    }
    return Causes.reasonOf(e);
  }

  /** The kernel's words for it: Java has no exception of its own. */
  static boolean isFull(IOException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("No space left on device") || message.contains("quota exceeded");
  }
}
