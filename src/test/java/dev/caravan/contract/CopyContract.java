package dev.caravan.contract;

import static dev.caravan.contract.RemoteUnderTest.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.caravan.event.ObjectContent;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.StoredObject;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a remote copies by itself is what was proven, whole, or it is not copied. */
interface CopyContract extends RemoteUnderTest {

  /** Puts content and says what was proven thereby. */
  private ObjectStat proven(String key, ObjectContent content) throws RemoteException, IOException {
    StoredObject stored = put(key, content);
    return new ObjectStat(
        key(key),
        content.sizeBytes(),
        content.modifiedAt(),
        stored.etag(),
        stored.version(),
        Optional.of(content.sha256()));
  }

  @Test
  default void aCopyIsTheSameObjectUnderAnotherKeyAndTheFirstStays() throws Exception {
    for (long size : new long[] {0, 5, partSize() + 1}) {
      TestContent content = TestContent.ofSize(size, size);
      ObjectStat from = proven("from/it", content);
      put("to/it", TestContent.of("what was there is replaced"));
      ObjectStat copy = remote().copy(from, key("to/it")).orElseThrow();
      assertThat(copy.key()).isEqualTo(key("to/it"));
      assertThat(copy.sizeBytes()).isEqualTo(size);
      assertThat(copy.sha256()).contains(content.sha256());
      assertThat(copy.modifiedAt()).isEqualTo(kept(content.modifiedAt()));
      assertThat(read("to/it")).isEqualTo(content.bytes());
      assertThat(read("from/it")).isEqualTo(content.bytes());
      assertThat(list("")).containsOnlyKeys("from/it", "to/it");
    }
  }

  @Test
  default void aCopyAndItsSourceGoTheirOwnWays() throws Exception {
    TestContent content = TestContent.of("one");
    ObjectStat from = proven("a", content);
    assertThat(remote().copy(from, key("b"))).isPresent();
    put("a", TestContent.of("another"));
    assertThat(read("b")).isEqualTo(content.bytes());
    remote().delete(List.of(key("a")));
    assertThat(read("b")).isEqualTo(content.bytes());
  }

  @Test
  default void whatIsNotWhatWasProvenIsNotCopied() throws Exception {
    ObjectStat from = proven("a", TestContent.of("proven"));
    put("a", TestContent.of("others"));
    Throwable failure = catchThrowable(() -> remote().copy(from, key("b")));
    assertThat(failure).isInstanceOf(RemoteException.class).hasMessageNotContaining("\n");
    assertThat(find("b")).isEmpty();
  }

  @Test
  default void whatIsNotThereIsNotCopied() throws Exception {
    ObjectStat from = proven("a", TestContent.of("proven"));
    remote().delete(List.of(key("a")));
    Throwable failure = catchThrowable(() -> remote().copy(from, key("b")));
    assertThat(failure)
        .isInstanceOfSatisfying(
            RemoteException.class,
            e -> assertThat(e.reason()).isEqualTo(RemoteException.Cause.NO_SUCH_OBJECT));
    assertThat(list("")).isEmpty();
  }
}
