package dev.caravan.remote.sftp;

import dev.caravan.event.ObjectContent;
import java.util.OptionalInt;
import org.apache.sshd.sftp.client.SftpClient.CloseableHandle;
import org.apache.sshd.sftp.client.impl.AbstractSftpClient;
import org.apache.sshd.sftp.client.impl.SftpOutputStreamAsync;

/** A file that is being written: many writes are on their way at once. */
final class SftpWriting implements AutoCloseable {

  private final SftpLine line;
  private final CloseableHandle handle;
  private final SftpOutputStreamAsync out;
  private boolean refused;

  SftpWriting(SftpLine line, AbstractSftpClient client, CloseableHandle handle, long offset) {
    this.line = line;
    this.handle = handle;
    this.out = new SftpOutputStreamAsync(client, SftpLine.CHUNK, handle.getPath(), handle, false);
    out.setOffset(offset);
  }

  void write(byte[] bytes, int length) throws SftpFailure {
    answered(
        () -> {
          out.write(bytes, 0, length);
          return true;
        });
  }

  /** Waits until the server has written everything, and then for its disk. */
  void finish(ObjectContent content, OptionalInt permissions) throws SftpFailure {
    drain();
    if (content.owner().isPresent()) {
      line.giveOwner(handle, content.owner().get());
    }
    line.describe(handle, content.modifiedAt(), permissions);
    line.flush(handle);
  }

  /** Also takes the answers that are still under way, so that the line can be used again. */
  @Override
  public void close() throws SftpFailure {
    try {
      drain();
    } finally {
      // Else a full disk stays full until the server notices that nobody holds the file any more.
      if (line.isSound() || refused) {
        line.close(handle);
      }
    }
  }

  private void drain() throws SftpFailure {
    answered(
        () -> {
          out.close();
          return true;
        });
  }

  /**
   * After a refused write, answers to those behind it are still to come: they are not waited for.
   */
  private void answered(SftpLine.Question<Boolean> question) throws SftpFailure {
    try {
      line.ask(question);
    } catch (SftpFailure e) {
      refused = !e.isBroken();
      line.retire();
      throw e;
    }
  }
}
