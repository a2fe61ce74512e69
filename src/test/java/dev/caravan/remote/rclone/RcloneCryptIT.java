package dev.caravan.remote.rclone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.contract.TestContent;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.StoredObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Encrypted names and contents, of which nobody knows a hash: each is read back. */
@Tag("soak")
class RcloneCryptIT extends RcloneContract {

  /** The longest name that encrypted still has 255 bytes at most. */
  private static final int LONGEST_NAME = 143;

  /** Fewer, of which each has 26 bytes when it is encrypted, and a slash. */
  private static final int DEEPEST = 130;

  private Path far;

  @Override
  void empty() throws Exception {
    Trees.delete(far);
  }

  @Override
  RcloneSetup setup(Path folder) throws Exception {
    far = folder.resolve("far");
    return RcloneSetup.in(folder, "safe:")
        .config(
            """
            [safe]
            type = crypt
            remote = %s
            password = %s
            """
                .formatted(far, "IdUTQBcQuZUTyMXnWLkwv1WJB4Doq1n-LaLLK1Y"))
        .readBack();
  }

  @Override
  public boolean canHold(String key) {
    List<String> names = List.of(key.split("/"));
    return names.size() <= DEEPEST
        && names.stream()
            .allMatch(name -> name.getBytes(StandardCharsets.UTF_8).length <= LONGEST_NAME);
  }

  @Override
  @Test
  public void aCopyIsTheSameObjectUnderAnotherKeyAndTheFirstStays() throws Exception {
    assertNothingIsCopied();
  }

  @Override
  @Test
  public void aCopyAndItsSourceGoTheirOwnWays() throws Exception {
    assertNothingIsCopied();
  }

  @Override
  @Test
  public void whatIsNotWhatWasProvenIsNotCopied() throws Exception {
    assertNothingIsCopied();
  }

  @Override
  @Test
  public void whatIsNotThereIsNotCopied() throws Exception {
    assertNothingIsCopied();
  }

  /** This storage does not copy by itself, and says so. */
  private void assertNothingIsCopied() throws Exception {
    TestContent content = TestContent.of("sent again instead");
    StoredObject stored = remote().put(new ObjectKey("a"), content);
    ObjectStat from =
        new ObjectStat(
            new ObjectKey("a"),
            content.sizeBytes(),
            content.modifiedAt(),
            stored.etag(),
            stored.version(),
            Optional.of(content.sha256()));
    assertThat(remote().copy(from, new ObjectKey("b"))).isEmpty();
    assertThat(remote().find(new ObjectKey("b"))).isEmpty();
    assertThat(remote().probe()).containsEntry("server_side_copy", "no");
  }
}
