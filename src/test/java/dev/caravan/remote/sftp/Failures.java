package dev.caravan.remote.sftp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.remote.RemoteException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Catches what a remote throws, which is always one line that names the remote. */
final class Failures {

  private Failures() {}

  static RemoteException of(ThrowingCallable call) {
    RemoteException e = catchThrowableOfType(RemoteException.class, call);
    assertThat(e).isNotNull();
    assertThat(e.getMessage()).doesNotContain("\n").contains("'nas' at sftp://");
    return e;
  }
}
