package dev.caravan.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A small file system in memory, really mounted; needs root. */
public final class Mount implements AutoCloseable {

  private static final int MEBIBYTES = 16;

  private final Path at;
  private final int mebibytes;
  private boolean mounted;

  private Mount(Path at, int mebibytes) {
    this.at = at;
    this.mebibytes = mebibytes;
  }

  /**
   * Mounts an empty one.
   *
   * @param volume what the mount table calls it
   */
  public static Mount on(Path at, String volume) {
    return on(at, volume, MEBIBYTES);
  }

  /** Mounts an empty one of a size. */
  public static Mount on(Path at, String volume, int mebibytes) {
    Mount mount = new Mount(at, mebibytes);
    mount.mount(volume);
    return mount;
  }

  public void mount(String volume) {
    run("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", volume, at.toString());
    mounted = true;
  }

  public void makeReadOnly() {
    run("mount", "-o", "remount,ro", at.toString());
  }

  /** Nothing in it may be run or loaded as a library. */
  public void forbidPrograms() {
    run("mount", "-o", "remount,noexec", at.toString());
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
