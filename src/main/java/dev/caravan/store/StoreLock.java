package dev.caravan.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a second Caravan away from a state folder while the first one runs.
 *
 * <p>The kernel holds the lock on the file {@code lock} and drops it when the process ends, however
 * that happens; what is written in the file only tells people who holds it. Nobody else in this
 * process may open that file: a POSIX lock is lost when any of a process's descriptors of the file
 * is closed.
 */
public final class StoreLock implements AutoCloseable {
  static final String FILE_NAME = "lock";
  private static final int LONGEST_HOLDER = 300;

  /** Another Caravan works on this store. */
  public static final class HeldException extends IOException {
    private static final long serialVersionUID = 1L;

    private HeldException(Path stateFolder, String holder) {
      super(
          "State folder "
              + stateFolder
              + " is in use by "
              + holder
              + "; stop that Caravan first, or give this one its own store.state");
    }
  }

  private final FileChannel channel;

  private StoreLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock, making the state folder where it is missing.
   *
   * @throws HeldException when another Caravan holds it
   * @throws IOException when the folder cannot be written
   */
  public static StoreLock acquire(Path stateFolder) throws IOException {
    Files.createDirectories(stateFolder);
    FileChannel channel =
        FileChannel.open(
            stateFolder.resolve(FILE_NAME),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        writeHolder(channel);
        return new StoreLock(channel);
      }
      throw new HeldException(stateFolder, readHolder(channel));
    } catch (OverlappingFileLockException e) {
      keepOpen(channel);
      throw new HeldException(stateFolder, "this same process");
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Gives the lock back; the file stays. */
  @Override
  public void close() throws IOException {
    channel.close();
  }

  /**
   * Closing this second descriptor would drop the lock that this process holds through the first. A
   * shutdown hook keeps it reachable until the process ends.
   */
  private static void keepOpen(FileChannel channel) {
    Runtime.getRuntime().addShutdownHook(new Thread(channel::isOpen, "caravan-lock-kept-open"));
  }

  private static void writeHolder(FileChannel channel) throws IOException {
    String holder = "process " + ProcessHandle.current().pid() + onHost() + "\n";
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(holder.getBytes(StandardCharsets.UTF_8)), 0);
  }

  private static String readHolder(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(LONGEST_HOLDER);
    channel.read(text, 0);
    String holder = new String(text.array(), 0, text.position(), StandardCharsets.UTF_8).strip();
    return holder.isEmpty() ? "another process" : holder;
  }

  /** In containers every Caravan is process 1, so the host's name matters more. */
  private static String onHost() {
    try {
      return " on " + Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
