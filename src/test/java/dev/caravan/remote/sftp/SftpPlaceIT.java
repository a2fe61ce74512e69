package dev.caravan.remote.sftp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.contract.FolderPlaceContract;
import dev.caravan.contract.TestContent;
import dev.caravan.lab.SshServer;
import dev.caravan.lab.SshServer.Door;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException.Cause;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;

class SftpPlaceIT extends FolderPlaceContract {

  @Override
  protected Remote remoteIn(Path root, Clock clock) throws Exception {
    return new SftpRemote(SshServer.shared().place(Door.SHELL, root).settings(), clock);
  }

  @Override
  protected Instant kept(Instant modifiedAt) {
    return modifiedAt.truncatedTo(ChronoUnit.SECONDS);
  }

  @Override
  protected String name() {
    return "'nas' at sftp://";
  }

  @Override
  protected int rounds() {
    return 50;
  }

  @Test
  void whatIsInTheWayIsMovedToTheTrashOfTheDay() throws Exception {
    remote.put(new ObjectKey("a"), TestContent.of("first file"));
    remote.put(KEY, TestContent.of("deep"));
    assertThat(root.resolve(".caravan/trash/2026-05-06/a")).hasContent("first file");
    remote.put(new ObjectKey("a"), TestContent.of("second file"));
    assertThat(root.resolve("a")).hasContent("second file");
    assertThat(root.resolve(".caravan/trash/2026-05-06/a~1/b/c")).hasContent("deep");
    remote.put(KEY, TestContent.of("deep again"));
    assertThat(root.resolve("a/b/c")).hasContent("deep again");
    assertThat(root.resolve(".caravan/trash/2026-05-06/a~2")).hasContent("second file");
  }

  @Test
  void noShellEverSeesAName() throws Exception {
    for (String name : List.of("$(touch pwned)", "`touch pwned`", "a; touch pwned", "-h", "x\ny")) {
      TestContent content = TestContent.ofSize(1_200_000, name.hashCode());
      ObjectKey key = new ObjectKey("dir '\" $(touch pwned)/" + name);
      remote.put(key, content);
      assertThat(remote.find(key).orElseThrow().sha256()).contains(content.sha256());
    }
    assertThat(Path.of(System.getProperty("user.home"), "pwned")).doesNotExist();
    assertThat(root.resolve("pwned")).doesNotExist();
  }

  @Test
  void aNameInOurOwnEscapeIsRefused() {
    ObjectKey escaped = new ObjectKey("‛C3‛A9");
    assertThat(causeOf(() -> remote.put(escaped, TestContent.of("x"))))
        .isEqualTo(Cause.UNSUPPORTED);
    assertThat(causeOf(() -> remote.find(escaped))).isEqualTo(Cause.UNSUPPORTED);
  }
}
