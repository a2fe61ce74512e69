package dev.caravan.remote.sftp;

import dev.caravan.event.PathNames;
import java.nio.charset.StandardCharsets;

/**
 * A path at the server, where a name is bytes and not text.
 *
 * @param wire the bytes, one character each, so that the client sends them as they are
 */
record SftpPath(String wire) {

  /**
   * The path that a text form stands for, see {@link PathNames}.
   *
   * @throws java.nio.file.InvalidPathException when it is not the text form of any name
   */
  static SftpPath ofText(String text) {
    return new SftpPath(wireOf(text));
  }

  /** The file or folder of that key below this one. */
  SftpPath resolve(String key) {
    return child(wireOf(key));
  }

  /** What is called so in this folder; the name as the server wrote it. */
  SftpPath child(String wireName) {
    return new SftpPath(wire.endsWith("/") ? wire + wireName : wire + "/" + wireName);
  }

  /** The folder that holds it; {@code /} is its own. */
  SftpPath parent() {
    int slash = wire.lastIndexOf('/');
    return slash <= 0 ? new SftpPath("/") : new SftpPath(wire.substring(0, slash));
  }

  /** True for the folder itself and all below it. */
  boolean isWithin(SftpPath folder) {
    return wire.equals(folder.wire) || wire.startsWith(folder.child("").wire);
  }

  /** The key of what lies below a root. */
  String keyBelow(SftpPath root) {
    return textOf(wire.substring(root.child("").wire.length()));
  }

  byte[] bytes() {
    return wire.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The text form of a name as the server wrote it. */
  static String textOf(String wire) {
    return PathNames.textOf(wire.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String wireOf(String text) {
    return new String(PathNames.bytesOf(text), StandardCharsets.ISO_8859_1);
  }

  @Override
  public String toString() {
    return textOf(wire);
  }
}
