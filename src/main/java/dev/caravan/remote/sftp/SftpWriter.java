package dev.caravan.remote.sftp;

import dev.caravan.event.ContentChangedException;
import dev.caravan.event.ObjectContent;
import dev.caravan.remote.FileCarrier;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.Sha256;
import dev.caravan.remote.StoredObject.Proof;
import dev.caravan.remote.TempNames;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Writes a content to a temporary file and proves that it is there. Goes on with what an earlier
 * put left of the same content, when its end is what it should be; whether the rest is too, the
 * proof shows, which is over the whole file in any case.
 */
final class SftpWriter {

  /** A killed server may have left the end of a file as a hole. */
  private static final int OVERLAP = 1 << 20;

  private static final int BUFFER = 128 * 1024;

  /** Else the file could not be read back, nor replaced by its owner on every server. */
  private static final int OWNER = 0600;

  private final SftpErrors errors;
  private final SftpSums sums;
  private final Optional<FileCarrier> carrier;

  /**
   * @param carrier writes the files in our place
   */
  SftpWriter(SftpErrors errors, SftpSums sums, Optional<FileCarrier> carrier) {
    this.errors = errors;
    this.sums = sums;
    this.carrier = carrier;
  }

  /**
   * Writes the whole file; what is left of it after a throw is the caller's to remove or to keep.
   *
   * @throws ContentChangedException when the content is not what it said it is
   */
  Proof write(SftpLine line, ObjectKey key, ObjectContent content, SftpPath temp)
      throws RemoteException, IOException {
    send(line, key, content, temp);
    Optional<Proof> proof = sums.proof(line, temp, content);
    if (proof.isEmpty()) {
      content.ensureUnchanged();
      throw errors.of(
          Cause.CORRUPT,
          SftpErrors.shown(key) + " reads otherwise than it was written; check the disk there");
    }
    return proof.get();
  }

  /** The same without the proof. */
  void send(SftpLine line, ObjectKey key, ObjectContent content, SftpPath temp)
      throws RemoteException, IOException {
    long from = TempNames.isPart(nameOf(temp)) ? resumeAt(line, content, temp) : 0;
    if (carrier.isPresent()) {
      carrier.get().carry(content, key, temp.parent().toString(), nameOf(temp), from);
      line.finish(temp, content.owner());
      return;
    }
    try (SftpWriting out = line.write(temp, from)) {
      String sent = copy(key, content, from, out);
      if (from == 0 && !sent.equals(content.sha256())) {
        throw changed(key);
      }
      out.finish(content, permissionsFor(content));
    }
  }

  /** Gives an object that is there time, owner and, where nobody else decides, permissions. */
  void describe(SftpLine line, SftpPath path, ObjectContent content) throws SftpFailure {
    boolean kept = carrier.map(FileCarrier::keepsPermissions).orElse(true);
    line.describe(path, content, kept ? permissionsFor(content) : OptionalInt.empty());
  }

  private static OptionalInt permissionsFor(ObjectContent content) {
    OptionalInt permissions = content.permissions();
    return permissions.isEmpty()
        ? permissions
        : OptionalInt.of((permissions.getAsInt() & 0777) | OWNER);
  }

  private static String copy(ObjectKey key, ObjectContent content, long from, SftpWriting out)
      throws IOException {
    MessageDigest hash = Sha256.begin();
    long left = content.sizeBytes() - from;
    byte[] buffer = new byte[(int) Math.max(1, Math.min(BUFFER, left))];
    try (InputStream in = content.open(from, left)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        hash.update(buffer, 0, read);
        out.write(buffer, read);
        left -= read;
      }
    }
    if (left != 0) {
      throw changed(key);
    }
    return HexFormat.of().formatHex(hash.digest());
  }

  private static ContentChangedException changed(ObjectKey key) {
    return new ContentChangedException(
        "File " + SftpErrors.shown(key) + " is no longer what was hashed; it is sent again later");
  }

  /** How much of the content is there already; 0 when that cannot be trusted. */
  private static long resumeAt(SftpLine line, ObjectContent content, SftpPath temp)
      throws IOException {
    Optional<SftpStat> there = line.find(temp).filter(SftpStat::isFile);
    long size = there.map(SftpStat::sizeBytes).orElse(0L);
    if (size < 2L * OVERLAP || size > content.sizeBytes()) {
      return 0;
    }
    long from = size - OVERLAP;
    byte[] held;
    try (SftpReading in = line.read(temp, from, OVERLAP)) {
      held = in.readAllBytes();
    }
    try (InputStream in = content.open(from, OVERLAP)) {
      return Arrays.equals(held, in.readAllBytes()) ? size : 0;
    }
  }

  private static String nameOf(SftpPath temp) {
    return temp.wire().substring(temp.wire().lastIndexOf('/') + 1);
  }
}
