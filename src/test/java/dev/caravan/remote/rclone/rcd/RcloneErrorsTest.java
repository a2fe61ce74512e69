package dev.caravan.remote.rclone.rcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What rclone says, in our words. */
class RcloneErrorsTest {

  private final RcloneErrors errors = new RcloneErrors("far", "s3:bucket");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "object not found | NO_SUCH_OBJECT",
        "lstat /x/file/below: not a directory | NO_SUCH_OBJECT",
        "didn't find section in config file | NOT_THERE",
        "write /mnt/x: no space left on device | FULL",
        "preallocate: file too big for remaining disk space | FULL",
        "open /mnt/x: read-only file system | READ_ONLY",
        "mkdir /mnt/x: permission denied | PERMISSION",
        "InvalidAccessKeyId: ??status code: 403 | AUTHENTICATION",
        "AccessDenied: Access Denied | PERMISSION",
        "SlowDown: reduce your request rate | THROTTLED",
        "dial tcp 127.0.0.1:9: connect: connection refused | NETWORK",
        "x509: certificate signed by unknown authority | TLS",
        "RequestTimeTooSkewed: the difference is too large | CLOCK",
        "open nnn: file name too long | UNSUPPORTED",
        "lstat /x/0429/500/certificate clock quota.pem: file name too long | UNSUPPORTED",
        "open /x/unauthorized: permission denied | PERMISSION",
        "InternalError: status code: 500 | SERVER",
        "something never heard of | OTHER"
      })
  void aFailureIsOfItsKind(String said, Cause cause) {
    assertThat(errors.of("store 'a'", 500, said).reason()).isEqualTo(cause);
  }

  @Test
  void aMessageIsOneLineAndHidesWhatAnAddressMayHold() {
    RemoteException failure =
        errors.of(
            "store 'a'",
            500,
            "Put \"https://me:word@host/b/a?X-Amz-Signature=abc&y=z\": EOF\nand more");
    assertThat(failure)
        .hasMessage(
            "Remote 'far' at rclone's 's3:bucket': cannot store 'a':"
                + " Put \"https://***@host/b/a?***\": EOF?and more");
  }
}
