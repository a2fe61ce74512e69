package dev.caravan.remote.sftp;

import dev.caravan.event.ObjectContent;
import dev.caravan.event.Owner;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.apache.sshd.sftp.client.SftpClient.Attribute;
import org.apache.sshd.sftp.client.SftpClient.Attributes;
import org.apache.sshd.sftp.client.SftpClient.CloseableHandle;
import org.apache.sshd.sftp.client.SftpClient.DirEntry;
import org.apache.sshd.sftp.client.SftpClient.Handle;
import org.apache.sshd.sftp.client.SftpClient.OpenMode;
import org.apache.sshd.sftp.client.SftpClientFactory;
import org.apache.sshd.sftp.client.impl.AbstractSftpClient;
import org.apache.sshd.sftp.client.impl.SftpInputStreamAsync;
import org.apache.sshd.sftp.client.impl.SftpResponse;
import org.apache.sshd.sftp.client.impl.SftpStatus;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.SftpException;

/**
 * One SFTP channel, version 3 of the protocol, used by one thread at a time. Whatever goes wrong on
 * it is an {@link SftpFailure}; once that was no answer of the server, the line is not sound.
 *
 * <p>OpenSSH's extensions are asked here and not through the library's classes, which would send
 * names as UTF-8.
 */
final class SftpLine implements AutoCloseable {

  /** What every server takes and gives at once. */
  static final int CHUNK = 32 * 1024;

  private static final String RENAME = "posix-rename@openssh.com";
  private static final String LINK = "hardlink@openssh.com";
  private static final String FSYNC = "fsync@openssh.com";
  private static final String STATVFS = "statvfs@openssh.com";
  private static final long STATVFS_READ_ONLY = 1;

  private final AbstractSftpClient client;
  private volatile boolean sound = true;
  private volatile boolean ownersKept = true;

  private SftpLine(AbstractSftpClient client) {
    this.client = client;
  }

  /** Opens a line over a session that is logged in. */
  static SftpLine over(ClientSession session) throws IOException {
    // Every server speaks version 3; what came after it differs from server to server.
    var client =
        (AbstractSftpClient)
            SftpClientFactory.instance().createSftpClient(session, SftpConstants.SFTP_V3);
    client.setNameDecodingCharset(StandardCharsets.ISO_8859_1);
    return new SftpLine(client);
  }

  boolean isSound() {
    return sound && client.isOpen() && session().isOpen();
  }

  /** Nobody is to use this line after its present user. */
  void retire() {
    sound = false;
  }

  ClientSession session() {
    return client.getClientSession();
  }

  boolean renamesAtomically() {
    return offers(RENAME);
  }

  /** The path without links, as far as it exists. */
  SftpPath canonical(SftpPath path) throws SftpFailure {
    return new SftpPath(ask(() -> client.canonicalPath(path.wire())));
  }

  /** What lies under a path, not following a link at its end. */
  Optional<SftpStat> find(SftpPath path) throws SftpFailure {
    return find(() -> client.lstat(path.wire()));
  }

  /** What a path leads to. */
  Optional<SftpStat> findTarget(SftpPath path) throws SftpFailure {
    return find(() -> client.stat(path.wire()));
  }

  void makeFolder(SftpPath path) throws SftpFailure {
    tell(() -> client.mkdir(path.wire()));
  }

  void removeFolder(SftpPath path) throws SftpFailure {
    tell(() -> client.rmdir(path.wire()));
  }

  void remove(SftpPath path) throws SftpFailure {
    tell(() -> client.remove(path.wire()));
  }

  /** Replaces what is there when the line {@link #renamesAtomically}, else fails then. */
  void rename(SftpPath from, SftpPath to) throws SftpFailure {
    if (offers(RENAME)) {
      tell(() -> extended(RENAME, from.bytes(), to.bytes()));
    } else {
      tell(() -> client.rename(from.wire(), to.wire()));
    }
  }

  /**
   * Gives a file a second name.
   *
   * @return false when the server cannot
   */
  boolean link(SftpPath from, SftpPath to) throws SftpFailure {
    if (offers(LINK)) {
      tell(() -> extended(LINK, from.bytes(), to.bytes()));
    }
    return offers(LINK);
  }

  /** The volume that a folder lies on; empty when the server does not tell. */
  Optional<SftpSpace> space(SftpPath folder) throws SftpFailure {
    return offers(STATVFS) ? Optional.of(ask(() -> statvfs(folder))) : Optional.empty();
  }

  /**
   * Opens a file for writing.
   *
   * @param offset 0 for a file that is new or begun anew, else where to go on
   */
  SftpWriting write(SftpPath path, long offset) throws SftpFailure {
    Set<OpenMode> modes =
        offset > 0
            ? EnumSet.of(OpenMode.Write)
            : EnumSet.of(OpenMode.Write, OpenMode.Create, OpenMode.Truncate);
    return new SftpWriting(this, client, ask(() -> client.open(path.wire(), modes)), offset);
  }

  /**
   * Opens a part of a file for reading, of whatever size the file is by then.
   *
   * @param length -1 for all to the end
   */
  SftpReading read(SftpPath path, long offset, long length) throws SftpFailure {
    CloseableHandle handle = ask(() -> client.open(path.wire(), EnumSet.of(OpenMode.Read)));
    long size = ask(() -> client.stat(handle)).getSize();
    long wanted = Math.max(0, Math.min(length < 0 ? size : length, size - offset));
    var in =
        new SftpInputStreamAsync(client, CHUNK, offset, offset + wanted, path.wire(), handle, true);
    return new SftpReading(this, in, wanted);
  }

  CloseableHandle openFolder(SftpPath path) throws SftpFailure {
    return ask(() -> client.openDir(path.wire()));
  }

  /** The next names of an open folder; none at its end. */
  List<DirEntry> readFolder(Handle folder) throws SftpFailure {
    return ask(() -> Optional.ofNullable(client.readDir(folder)).orElse(List.of()));
  }

  void close(CloseableHandle handle) throws SftpFailure {
    tell(handle::close);
  }

  /** Sets what the protocol can say of time and permissions. */
  void describe(Handle file, Instant modifiedAt, OptionalInt permissions) throws SftpFailure {
    // Servers read 32 bits without a sign, which the library writes with one.
    int seconds = (int) SftpStat.keepable(modifiedAt).getEpochSecond();
    FileTime time = FileTime.from(seconds, TimeUnit.SECONDS);
    Attributes attributes = new Attributes().modifyTime(time).accessTime(time);
    permissions.ifPresent(attributes::perms);
    tell(() -> client.setStat(file, attributes));
  }

  /** Gives a file an owner where the server lets us; one that does not is not asked again. */
  void giveOwner(Handle file, Owner owner) throws SftpFailure {
    if (!ownersKept) {
      return;
    }
    try {
      Attributes attributes = new Attributes().owner((int) owner.uid(), (int) owner.gid());
      tell(() -> client.setStat(file, attributes));
    } catch (SftpFailure e) {
      if (e.isBroken()) {
        throw e;
      }
      ownersKept = false;
    }
  }

  /** Ends a file that someone else wrote: gives it its owner, and makes it durable. */
  void finish(SftpPath path, Optional<Owner> owner) throws SftpFailure {
    CloseableHandle file = ask(() -> client.open(path.wire(), EnumSet.of(OpenMode.Read)));
    if (owner.isPresent()) {
      giveOwner(file, owner.get());
    }
    flush(file);
    close(file);
  }

  /** Gives a file that is there what the content has, and makes it durable. */
  void describe(SftpPath path, ObjectContent content, OptionalInt permissions) throws SftpFailure {
    CloseableHandle file = ask(() -> client.open(path.wire(), EnumSet.of(OpenMode.Read)));
    if (content.owner().isPresent()) {
      giveOwner(file, content.owner().get());
    }
    describe(file, content.modifiedAt(), permissions);
    flush(file);
    close(file);
  }

  /** Makes the server write to its disk what it holds of a file, where it can. */
  void flush(Handle file) throws SftpFailure {
    if (offers(FSYNC)) {
      tell(() -> extended(FSYNC, file.getIdentifier()));
    }
  }

  @Override
  public void close() {
    sound = false;
    try {
      client.close();
    } catch (IOException e) {
      // The server forgets the channel with its session.
    }
  }

  /** A question to the server. */
  interface Question<T> {
    T ask() throws IOException;
  }

  private interface Order {
    void give() throws IOException;
  }

  /** Asks; whatever is no answer makes the line unsound. */
  <T> T ask(Question<T> question) throws SftpFailure {
    try {
      return question.ask();
    } catch (SftpException e) {
      throw SftpFailure.of(e);
    } catch (IOException | RuntimeException e) {
      sound = false;
      if (e instanceof InterruptedIOException) {
        Thread.currentThread().interrupt();
      }
      throw SftpFailure.of(e);
    }
  }

  private void tell(Order order) throws SftpFailure {
    ask(
        () -> {
          order.give();
          return true;
        });
  }

  private Optional<SftpStat> find(Question<Attributes> question) throws SftpFailure {
    try {
      Attributes attributes = ask(question);
      if (!attributes.getFlags().contains(Attribute.Perms)) {
        throw new SftpException(
            SftpConstants.SSH_FX_OP_UNSUPPORTED, "the server does not tell files from folders");
      }
      return Optional.of(SftpStat.of(attributes));
    } catch (SftpFailure e) {
      if (e.isAbsent()) {
        return Optional.empty();
      }
      throw e;
    } catch (SftpException e) {
      throw SftpFailure.of(e);
    }
  }

  private boolean offers(String extension) {
    return client.getServerExtensions().containsKey(extension);
  }

  private void extended(String name, byte[]... arguments) throws IOException {
    SftpStatus status = SftpStatus.parse(reply(name, arguments));
    if (!status.isOk()) {
      throw new SftpException(status.getStatusCode(), status.getMessage());
    }
  }

  private SftpSpace statvfs(SftpPath folder) throws IOException {
    SftpResponse response = reply(STATVFS, folder.bytes());
    if (response.getType() == SftpConstants.SSH_FXP_STATUS) {
      SftpStatus status = SftpStatus.parse(response);
      throw new SftpException(status.getStatusCode(), status.getMessage());
    }
    Buffer b = response.getBuffer();
    b.getLong(); // the preferred block size
    long unit = b.getLong();
    long total = b.getLong() * unit;
    b.getLong(); // blocks that only root may use are among these
    long free = b.getLong() * unit;
    long totalFiles = b.getLong();
    b.getLong();
    long freeFiles = b.getLong();
    long volume = b.getLong();
    boolean readOnly = (b.getLong() & STATVFS_READ_ONLY) != 0;
    return new SftpSpace(free, total, freeFiles, totalFiles, volume, readOnly);
  }

  private SftpResponse reply(String name, byte[]... arguments) throws IOException {
    Buffer request = new ByteArrayBuffer();
    request.putString(name);
    for (byte[] argument : arguments) {
      request.putBytes(argument);
    }
    int id = client.send(SftpConstants.SSH_FXP_EXTENDED, request);
    return SftpResponse.parse(SftpConstants.SSH_FXP_EXTENDED, client.receive(id));
  }
}
