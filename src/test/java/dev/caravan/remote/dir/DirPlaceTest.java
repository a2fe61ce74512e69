package dev.caravan.remote.dir;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.DirSettings;
import dev.caravan.contract.FolderPlaceContract;
import dev.caravan.contract.TestContent;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException.Cause;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DirPlaceTest extends FolderPlaceContract {

  @Override
  protected Remote remoteIn(Path root, Clock clock) {
    return new DirRemote(new DirSettings("disk", root, false), clock, 1);
  }

  @Override
  protected Instant kept(Instant modifiedAt) {
    return modifiedAt;
  }

  @Override
  protected String name() {
    return "'disk'";
  }

  @Override
  protected int rounds() {
    return 100;
  }

  @Test
  void aFileInTheWayOfAFolderIsMovedToTheTrashOfTheDay() throws Exception {
    remote.put(new ObjectKey("a"), TestContent.of("first file"));
    remote.put(KEY, TestContent.of("x"));
    assertThat(root.resolve(".caravan/trash/2026-05-06/a")).hasContent("first file");
    remote.delete(List.of(KEY));
    remote.put(new ObjectKey("a"), TestContent.of("second file"));
    remote.put(KEY, TestContent.of("x"));
    assertThat(root.resolve(".caravan/trash/2026-05-06/a")).hasContent("first file");
    assertThat(root.resolve(".caravan/trash/2026-05-06/a~1")).hasContent("second file");
  }

  @Test
  void aFolderInTheWayOfAFileIsMovedToTheTrashOfTheDay() throws Exception {
    remote.put(KEY, TestContent.of("deep"));
    remote.put(new ObjectKey("a"), TestContent.of("file"));
    assertThat(root.resolve("a")).hasContent("file");
    assertThat(root.resolve(".caravan/trash/2026-05-06/a/b/c")).hasContent("deep");
    // What the planner asks for later finds it done.
    ObjectKey trashed = new ObjectKey(".caravan/trash/2026-05-06/a/b/c");
    assertThat(remote.move(Map.of(KEY, trashed))).isEmpty();
    assertThat(remote.find(trashed)).isPresent();
  }

  @Test
  void trashInTheWayOfTrashIsKeptBesideIt() throws Exception {
    ObjectKey first = new ObjectKey(".caravan/trash/2026-05-06/a");
    ObjectKey second = new ObjectKey(".caravan/trash/2026-05-06/a/b/c");
    remote.put(first, TestContent.of("first"));
    remote.put(KEY, TestContent.of("second"));
    assertThat(remote.move(Map.of(KEY, second))).isEmpty();
    assertThat(root.resolve(second.value())).hasContent("second");
    assertThat(root.resolve(first.value() + "~1")).hasContent("first");
  }

  @Test
  void aLinkInPlaceOfOurOwnFolderLeadsNowhereEither() throws Exception {
    Files.delete(root.resolve(".caravan/tmp"));
    Files.delete(root.resolve(".caravan"));
    Files.createSymbolicLink(root.resolve(".caravan"), outside);
    assertThat(causeOf(() -> remote.put(KEY, TestContent.of("x")))).isEqualTo(Cause.UNSUPPORTED);
    assertThat(causeOf(() -> remote.probe())).isEqualTo(Cause.UNSUPPORTED);
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void namesOfFewerLettersThanBytesAndOurOwnEscapesAreRefusedBeforehand() {
    assertThat(refusalOf("é".repeat(128))).contains("255 bytes");
    assertThat(refusalOf("‛C3‛A9")).contains("escape");
  }
}
