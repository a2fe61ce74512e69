package dev.caravan.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Owners, modes and mounts, by the system's own programs; the tests run as root. */
final class Permissions {

  private Permissions() {}

  /** Gives a whole tree away, and opens the way to it. */
  static void giveTo(String user, Path tree) throws IOException {
    run("chown", "-R", user + ":nogroup", tree.toString());
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    Path above = tree.toAbsolutePath().getParent();
    while (above != null && above.startsWith(temporary) && !above.equals(temporary)) {
      chmod("o+x", above);
      above = above.getParent();
    }
  }

  static void chmod(String mode, Path path) throws IOException {
    run("chmod", mode, path.toString());
  }

  /** Mounts a file system in memory, such as {@code size=4m}. */
  static void mountMemory(Path folder, String options) throws IOException {
    run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder.toString());
  }

  static void remount(Path folder, String options) throws IOException {
    run("mount", "-o", "remount," + options, folder.toString());
  }

  static void unmount(Path folder) throws IOException {
    run("umount", "--lazy", folder.toString());
  }

  static void run(String... command) throws IOException {
    List<String> all = new ArrayList<>(List.of(command));
    Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException(String.join(" ", all) + ": " + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
