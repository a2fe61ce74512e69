package dev.caravan.contract;

import static dev.caravan.contract.RemoteUnderTest.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.caravan.event.ContentChangedException;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** When a put fails nothing new is visible, what was there is still there, and no rest remains. */
interface FailureContract extends RemoteUnderTest {

  @Test
  default void aFileThatChangesWhileItIsSentIsNotStored() throws Exception {
    for (long size : new long[] {1, 300_000, 2 * partSize() + 1}) {
      Throwable failure = failToPut(size, content -> content.changingAtByte(size / 2));
      assertThat(failure).isInstanceOf(ContentChangedException.class);
    }
  }

  @Test
  default void aFileThatChangesInTheLastMomentIsNotStored() throws Exception {
    for (long size : new long[] {0, 1, 300_000, 2 * partSize() + 1}) {
      Throwable failure = failToPut(size, TestContent::changingAtTheEnd);
      assertThat(failure).isInstanceOf(ContentChangedException.class);
    }
  }

  @Test
  default void aFileThatCannotBeReadIsNoFailureOfTheRemote() throws Exception {
    for (long size : new long[] {1, 300_000, 2 * partSize() + 1}) {
      Throwable failure = failToPut(size, content -> content.failingAtByte(size / 2));
      assertThat(failure)
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(ContentChangedException.class)
          .hasMessageContaining("the test's disk");
    }
  }

  @Test
  default void bytesThatAreNotTheAnnouncedOnesAreNotStored() throws Exception {
    for (long size : new long[] {1, 300_000, 2 * partSize() + 1}) {
      Throwable failure =
          failToPut(size, content -> content.announcing(TestContent.ofSize(size, 99)));
      if (failure instanceof RemoteException e) {
        assertThat(e.reason()).isEqualTo(Cause.CORRUPT);
      } else {
        assertThat(failure).isInstanceOf(ContentChangedException.class);
      }
    }
  }

  @Test
  default void aPutAfterAFailedOneSucceeds() throws Exception {
    failToPut(300_000, content -> content.failingAtByte(5));
    put("key", TestContent.of("better"));
    assertThat(read("key")).asString(StandardCharsets.UTF_8).isEqualTo("better");
  }

  @Test
  default void sweepingRemovesNoObject() throws Exception {
    put("kept", TestContent.of("x"));
    put("kept.too", TestContent.of("x"));
    remote().sweep(key("kept"), Instant.now());
    remote().sweep(key("never/there"), Instant.now());
    assertThat(list("")).containsOnlyKeys("kept", "kept.too");
  }

  @Test
  default void identityAndProbeAreStableOneLineAndShowNoSecret() throws Exception {
    String shown = remote().identity() + remote().probe() + remote().name();
    assertThat(shown).doesNotContain("\n");
    assertThat(secrets()).noneMatch(shown::contains);
    assertThat(remote().identity()).isNotBlank().isEqualTo(remote().identity());
    assertThat(remote().provider()).matches("[a-z0-9]+");
    try (Remote other = open()) {
      assertThat(other.identity()).isEqualTo(remote().identity());
    }
  }

  @Test
  default void probingLeavesNothingBehind() throws Exception {
    remote().probe();
    assertThat(remote().probe()).isNotEmpty();
    assertThat(list("")).isEmpty();
  }

  @Test
  default void whatIsWrongIsSaidInOneLine() {
    assertThatThrownBy(() -> read("no\nsuch"))
        .isInstanceOf(RemoteException.class)
        .message()
        .doesNotContain("\n");
  }

  /** Fails to put first a new key, then one that is there; both must be as before. */
  private Throwable failToPut(long size, UnaryOperator<TestContent> fault) throws Exception {
    String fresh = "fresh-" + size;
    Throwable first = catchThrowable(() -> put(fresh, fault.apply(TestContent.ofSize(size, 1))));
    assertThat(first).as("put of %d bytes", size).isNotNull();
    assertThat(find(fresh)).isEmpty();
    assertThat(list("fresh")).isEmpty();

    TestContent old = TestContent.of("the old version");
    put("key", old);
    Throwable second = catchThrowable(() -> put("key", fault.apply(TestContent.ofSize(size, 1))));
    assertThat(second).hasSameClassAs(first);
    assertThat(read("key")).isEqualTo(old.bytes());
    assertThat(find("key").orElseThrow().sizeBytes()).isEqualTo(old.sizeBytes());
    remote().sweep(key(fresh), Instant.now());
    remote().sweep(key("key"), Instant.now());
    assertThat(list("")).containsOnlyKeys("key");
    return first;
  }
}
