package dev.caravan.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NotDirectoryException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class CausesTest {

  @Test
  void theFirstCauseIsWhatHappened() {
    IOException cause = new IOException("the disk is full");
    Exception wrapped = new ExecutionException(new IllegalStateException(cause));
    assertThat(Causes.rootOf(wrapped)).isSameAs(cause);
    assertThat(Causes.rootOf(cause)).isSameAs(cause);
    assertThat(Causes.rootTextOf(wrapped)).isEqualTo("the disk is full");
    assertThat(Causes.rootTextOf(null)).isEqualTo("unknown");
  }

  @Test
  void whatSaysNothingIsNamedByItsKind() {
    assertThat(Causes.textOf(new IOException("the disk is full"))).isEqualTo("the disk is full");
    assertThat(Causes.textOf(new InterruptedException())).isEqualTo("InterruptedException");
  }

  @Test
  void aFileSystemsReasonComesWithoutThePath() {
    assertThat(Causes.reasonOf(new FileSystemException("a", null, "Read-only file system")))
        .isEqualTo("Read-only file system");
    assertThat(Causes.reasonOf(new NotDirectoryException("a"))).isEqualTo("NotDirectoryException");
    assertThat(Causes.reasonOf(new IOException("Stale file handle")))
        .isEqualTo("Stale file handle");
    assertThat(Causes.reasonOf(new EOFException())).isEqualTo("EOFException");
  }
}
