package dev.caravan.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class FaultsTest {

  @Test
  void theFirstCauseIsWhatHappened() {
    IOException cause = new IOException("the disk is full");
    Exception wrapped = new ExecutionException(new IllegalStateException(cause));
    assertThat(Faults.rootOf(wrapped)).isSameAs(cause);
    assertThat(Faults.rootOf(cause)).isSameAs(cause);
  }

  @Test
  void whatSaysNothingIsNamedByItsKind() {
    assertThat(Faults.textOf(new IOException("the disk is full"))).isEqualTo("the disk is full");
    assertThat(Faults.textOf(new InterruptedException())).isEqualTo("InterruptedException");
  }
}
