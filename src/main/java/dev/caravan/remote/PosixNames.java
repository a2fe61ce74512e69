package dev.caravan.remote;

import dev.caravan.event.PathNames;
import dev.caravan.event.StorePath;
import java.nio.file.InvalidPathException;
import java.util.Optional;

/** What no file of a Linux file system can be called. Some hold less, and say so at the put. */
public final class PosixNames {

  private static final int MAX_NAME_BYTES = 255;

  /** PATH_MAX of Linux without the NUL at its end, less room for the name of the trash folder. */
  private static final int MAX_PATH_BYTES = 4095 - 32;

  private PosixNames() {}

  /**
   * Why a file of this name cannot lie below the root; empty when it can.
   *
   * @param rootBytes the length of the root's own path
   */
  public static Optional<String> refusal(int rootBytes, StorePath path) {
    byte[] bytes;
    try {
      bytes = PathNames.bytesOf(path.value());
    } catch (InvalidPathException e) {
      return Optional.of("its name " + e.getReason());
    }
    if (rootBytes + 1 + bytes.length > MAX_PATH_BYTES) {
      return Optional.of("its path is longer than " + MAX_PATH_BYTES + " bytes at the remote");
    }
    if (longestName(bytes) > MAX_NAME_BYTES) {
      return Optional.of("a name in its path is longer than " + MAX_NAME_BYTES + " bytes");
    }
    boolean reserved = TempNames.isTemp(path.name()) || path.isWithin(TempNames.FOLDER);
    return reserved ? Optional.of("its name is that of a temporary file") : Optional.empty();
  }

  private static int longestName(byte[] path) {
    int longest = 0;
    int length = 0;
    for (byte b : path) {
      length = b == '/' ? 0 : length + 1;
      longest = Math.max(longest, length);
    }
    return longest;
  }
}
