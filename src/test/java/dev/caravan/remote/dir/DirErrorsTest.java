package dev.caravan.remote.dir;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DirErrorsTest {

  @TempDir Path root;

  @ParameterizedTest
  @CsvSource({
    "No space left on device, FULL",
    "Disk quota exceeded, FULL",
    "Read-only file system, READ_ONLY",
    "Operation not permitted, PERMISSION",
    "Stale file handle, SERVER",
    "Input/output error, SERVER",
    "Transport endpoint is not connected, NETWORK",
    "File name too long, UNSUPPORTED",
    "Something unheard of, OTHER",
  })
  void theWordsOfTheSystemTellTheCause(String reason, Cause cause) {
    DirErrors errors = new DirErrors("disk", root);
    RemoteException ofChannel = errors.of("store 'x'", new IOException(reason));
    RemoteException ofFile = errors.of("store 'x'", new FileSystemException("f", null, reason));
    assertThat(ofChannel.reason()).isEqualTo(cause);
    assertThat(ofFile.reason()).isEqualTo(cause);
    assertThat(ofFile)
        .hasMessageStartingWith("Remote 'disk' at '" + root + "': cannot store 'x': " + reason);
  }

  @Test
  void deniedAccessAndInterruptionHaveTheirOwn() {
    DirErrors errors = new DirErrors("disk", root);
    RemoteException denied = errors.of("store 'x'", new AccessDeniedException("/f"));
    assertThat(denied.reason()).isEqualTo(Cause.PERMISSION);
    assertThat(denied).hasMessageContaining("Permission denied");
    assertThat(errors.of("store 'x'", new ClosedByInterruptException()).reason())
        .isEqualTo(Cause.CANCELLED);
  }
}
