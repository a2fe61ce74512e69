package dev.caravan.snapshot.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Nothing that was to be done is lost without a word. */
class WorkersTest {

  @Test
  void anErrorInOneIsNotTakenForItsWorkBeingDone() throws Exception {
    try (Workers workers = new Workers(1)) {
      workers.submit(
          () -> {
            throw new OutOfMemoryError("a test's");
          });
      assertThatThrownBy(workers::await).hasMessageContaining("OutOfMemoryError");
      AtomicInteger done = new AtomicInteger();
      assertThatThrownBy(() -> workers.submit(done::incrementAndGet))
          .hasMessageContaining("OutOfMemoryError");
      assertThat(done).hasValue(0);
    }
  }
}
