package dev.caravan.remote.rsync;

import dev.caravan.event.ObjectContent;
import dev.caravan.event.PathNames;
import dev.caravan.remote.FileTimes;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Copies of what is just being sent, in a folder of this machine that nobody else may look into:
 * rsync can only read files, and these change under nobody's hands.
 */
final class Spool implements AutoCloseable {

  private static final String PREFIX = "caravan-rsync-";
  private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d+)-\\d+");
  private static final int BUFFER = 128 * 1024;

  /** Else the file could not be read back, nor replaced by its owner on every server. */
  private static final int OWNER = 0600;

  private final Path parent;
  private final RsyncErrors errors;
  private final AtomicLong lists = new AtomicLong();
  private @Nullable Path folder;

  /**
   * @param parent in which a folder is made at the first use
   */
  Spool(Path parent, RsyncErrors errors) {
    this.parent = parent;
    this.errors = errors;
  }

  /** The folder, in text form. */
  String place() throws RemoteException {
    return PathNames.textOf(folder());
  }

  /** Where something of this name lies, or would. */
  Path path(String name) throws RemoteException {
    return folder().resolve(name);
  }

  /**
   * Writes a part of a content to a file of this name, at the place that it has in the whole.
   *
   * @param in is read on from where it is
   * @param hash is told all bytes
   * @return how many bytes were there to be read
   */
  long fill(String name, InputStream in, long at, long length, MessageDigest hash)
      throws RemoteException, IOException {
    Path file = path(name);
    remove(name);
    byte[] buffer = new byte[(int) Math.max(1, Math.min(BUFFER, length))];
    long done = 0;
    try (FileChannel out = create(file)) {
      while (done < length) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, length - done));
        if (read < 0) {
          break;
        }
        hash.update(buffer, 0, read);
        write(out, ByteBuffer.wrap(buffer, 0, read), at + done);
        done += read;
      }
    }
    return done;
  }

  /** Gives the copy the time and the permissions that rsync is to carry along. */
  void describe(String name, ObjectContent content) throws RemoteException {
    Path file = path(name);
    try {
      if (content.permissions().isPresent()) {
        int mode = (content.permissions().getAsInt() & 0777) | OWNER;
        Files.setAttribute(file, "unix:mode", mode);
      }
      Files.setLastModifiedTime(file, FileTimes.settable(content.modifiedAt()));
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** Writes a list of names for rsync; the caller removes it. */
  String list(List<String> names) throws RemoteException {
    String list = "list-" + lists.incrementAndGet();
    try {
      byte[] bytes = (String.join("\0", names) + "\0").getBytes(StandardCharsets.UTF_8);
      Files.write(path(list), bytes);
      return list;
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** Never throws: the folder as a whole goes later. */
  void remove(String name) {
    try {
      Files.deleteIfExists(path(name));
    } catch (IOException | RemoteException e) {
      // It was in nobody's way.
    }
  }

  @Override
  public synchronized void close() {
    Path made = folder;
    folder = null;
    if (made != null) {
      removeFolder(made);
    }
  }

  private synchronized Path folder() throws RemoteException {
    Path made = folder;
    if (made != null && Files.isDirectory(made, LinkOption.NOFOLLOW_LINKS)) {
      return made;
    }
    try {
      sweep();
      Path fresh = Files.createTempDirectory(parent, PREFIX + ProcessHandle.current().pid() + "-");
      folder = fresh;
      return fresh;
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** What processes left that were killed. */
  private void sweep() throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path entry : entries) {
        Matcher name = NAME.matcher(entry.getFileName().toString());
        boolean dead = name.matches() && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty();
        if (dead && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          removeFolder(entry);
        }
      }
    }
  }

  private static void removeFolder(Path folder) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // Another user's, or someone else removes it as well.
    }
  }

  private FileChannel create(Path file) throws RemoteException {
    try {
      return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private void write(FileChannel out, ByteBuffer bytes, long at) throws RemoteException {
    try {
      long position = at;
      while (bytes.hasRemaining()) {
        position += out.write(bytes, position);
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private RemoteException failure(IOException e) {
    String said = RsyncErrors.shown(e.getMessage() == null ? e.toString() : e.getMessage());
    return errors.of(
        Cause.OTHER,
        "cannot write a copy for rsync on this machine: "
            + said
            + "; make room in "
            + RsyncErrors.shown(parent)
            + ", or set -Djava.io.tmpdir",
        e);
  }
}
