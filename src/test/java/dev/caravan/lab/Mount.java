package dev.caravan.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A small file system in memory, really mounted; needs root. */
public final class Mount implements AutoCloseable {

  private final Path at;
  private boolean mounted;

  private Mount(Path at) {
    this.at = at;
  }

  /**
   * Mounts an empty one.
   *
   * @param volume what the mount table calls it
   */
  public static Mount on(Path at, String volume) {
    Mount mount = new Mount(at);
    mount.mount(volume);
    return mount;
  }

  public void mount(String volume) {
    run("mount", "-t", "tmpfs", "-o", "size=16m", volume, at.toString());
    mounted = true;
  }

  public void makeReadOnly() {
    run("mount", "-o", "remount,ro", at.toString());
  }

  /** Also with open files on it, as a pulled cable does. */
  public void unmount() {
    run("umount", "-l", at.toString());
    mounted = false;
  }

  @Override
  public void close() {
    if (mounted) {
      unmount();
    }
  }

  private static void run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      byte[] output = process.getInputStream().readAllBytes();
      assertThat(process.waitFor()).as(new String(output, StandardCharsets.UTF_8)).isZero();
    } catch (Exception e) {
      throw new AssertionError(String.join(" ", command), e);
    }
  }
}
