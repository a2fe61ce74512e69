package dev.caravan.remote.dir;

import dev.caravan.event.ContentChangedException;
import dev.caravan.event.ObjectContent;
import dev.caravan.event.PathNames;
import dev.caravan.remote.FileCarrier;
import dev.caravan.remote.FileTimes;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Writes a content to a new file and proves that it is there: hashed on the way, flushed to the
 * disk, read again and hashed again.
 *
 * <p>Whose fault a failure is decides what happens next, so errors of the source pass as they are,
 * and errors of the remote become {@link RemoteException}.
 */
final class DirWriter {

  private static final int BUFFER = 256 * 1024;

  private final DirRoot root;
  private final DirErrors errors;
  private final ReadBack readBack;
  private final Optional<FileCarrier> carrier;

  /**
   * @param carrier writes the files in our place
   */
  DirWriter(DirRoot root, DirErrors errors, ReadBack readBack, Optional<FileCarrier> carrier) {
    this.root = root;
    this.errors = errors;
    this.readBack = readBack;
    this.carrier = carrier;
  }

  /**
   * Writes the whole file; what is left of it after a throw is the caller's to remove.
   *
   * @throws ContentChangedException when the content is not what it said it is
   */
  void write(ObjectKey key, ObjectContent content, Path file) throws RemoteException, IOException {
    String doing = "store " + DirErrors.shown(key);
    if (carrier.isPresent()) {
      carry(carrier.get(), key, content, file);
    } else {
      writeHere(doing, key, content, file);
    }
    if (!readAgain(doing, file).equals(content.sha256())) {
      throw errors.of(
          Cause.CORRUPT,
          DirErrors.shown(key) + " reads otherwise than it was written; check that disk or share");
    }
  }

  private void carry(FileCarrier carrier, ObjectKey key, ObjectContent content, Path file)
      throws RemoteException, IOException {
    String folder = PathNames.textOf(file.toAbsolutePath().resolveSibling(""));
    try {
      carrier.carry(content, key, folder, file.getFileName().toString(), 0);
      FileTimes.giveOwner(file, content);
    } catch (RemoteException e) {
      // That the root is gone explains what the carrier does not.
      root.ensureThere();
      throw e;
    }
    try (FileChannel there = FileChannel.open(file, StandardOpenOption.READ)) {
      there.force(true);
    } catch (IOException e) {
      throw root.failure("store " + DirErrors.shown(key), e);
    }
  }

  private void writeHere(String doing, ObjectKey key, ObjectContent content, Path file)
      throws RemoteException, IOException {
    try (FileChannel out = create(doing, file)) {
      String sent = copy(doing, content, out);
      if (!sent.equals(content.sha256())) {
        throw new ContentChangedException(
            "File "
                + DirErrors.shown(key)
                + " is no longer what was hashed; it is sent again later");
      }
      finish(doing, content, file, out);
    }
  }

  private FileChannel create(String doing, Path file) throws RemoteException {
    try {
      return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw root.failure(doing, e);
    }
  }

  private String copy(String doing, ObjectContent content, FileChannel out)
      throws RemoteException, IOException {
    MessageDigest hash = Sha256.begin();
    byte[] buffer = new byte[(int) Math.max(1, Math.min(BUFFER, content.sizeBytes()))];
    long sent = 0;
    try (InputStream in = content.open(0, content.sizeBytes())) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        hash.update(buffer, 0, read);
        sent += read;
        writeFully(doing, out, ByteBuffer.wrap(buffer, 0, read));
      }
    }
    if (sent != content.sizeBytes()) {
      throw new ContentChangedException(
          "Cannot " + doing + ": " + sent + " bytes came instead of " + content.sizeBytes());
    }
    return HexFormat.of().formatHex(hash.digest());
  }

  private void writeFully(String doing, FileChannel out, ByteBuffer bytes) throws RemoteException {
    try {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    } catch (IOException e) {
      throw root.failure(doing, e);
    }
  }

  private void finish(String doing, ObjectContent content, Path file, FileChannel out)
      throws RemoteException {
    try {
      FileTimes.describe(file, content, true);
      out.force(true);
    } catch (IOException e) {
      throw root.failure(doing, e);
    }
  }

  private String readAgain(String doing, Path file) throws RemoteException {
    try {
      return readBack.sha256(file);
    } catch (IOException e) {
      throw root.failure(doing, e);
    }
  }
}
