package dev.caravan.remote.sftp;

import dev.caravan.event.Causes;
import java.io.IOException;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.SftpException;

/**
 * What an SFTP server answered instead of doing what it was asked, or that it did not answer.
 *
 * <p>It is an {@code IOException} of its own, so that a failure of the remote can be told from one
 * of the local file on the way there.
 */
final class SftpFailure extends IOException {
  private static final long serialVersionUID = 1L;

  private static final int NO_ANSWER = -1;

  private final int status;

  private SftpFailure(int status, String message, Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  static SftpFailure of(Exception e) {
    if (e instanceof SftpFailure failure) {
      return failure;
    }
    String said = Causes.textOf(e);
    int status = e instanceof SftpException answer ? answer.getStatus() : NO_ANSWER;
    return new SftpFailure(status, said, e);
  }

  /** True when nothing can be said of the connection's state any more. */
  boolean isBroken() {
    return status == NO_ANSWER;
  }

  int status() {
    return status;
  }

  /** Also where the path leads through something that is no folder. */
  boolean isAbsent() {
    return status == SftpConstants.SSH_FX_NO_SUCH_FILE
        || status == SftpConstants.SSH_FX_NO_SUCH_PATH
        || status == SftpConstants.SSH_FX_NOT_A_DIRECTORY;
  }

  boolean isUnsupported() {
    return status == SftpConstants.SSH_FX_OP_UNSUPPORTED;
  }
}
