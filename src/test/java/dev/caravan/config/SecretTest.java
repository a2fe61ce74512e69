package dev.caravan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretTest {

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void write() throws Exception {
    file = Files.writeString(folder.resolve("secret"), "first\n");
  }

  @Test
  void itIsNeverPrinted() throws Exception {
    assertThat(new Secret("first")).hasToString("***").isEqualTo(Secret.inFile(file));
    assertThat(Secret.inFile(file)).hasToString("***");
  }

  @Test
  void aFileThatIsReplacedIsReadAgain() throws Exception {
    Secret secret = Secret.inFile(file);
    assertThat(secret.reveal()).isEqualTo("first");
    replace("second");
    Awaitility.await()
        .atMost(Duration.ofSeconds(5))
        .untilAsserted(() -> assertThat(secret.reveal()).isEqualTo("second"));
  }

  @Test
  void whoeverWasRefusedNeedNotWait() throws Exception {
    Secret secret = Secret.inFile(file);
    assertThat(secret.renew()).isFalse();
    replace("second");
    assertThat(secret.renew()).isTrue();
    assertThat(secret.renew()).isFalse();
    assertThat(secret.reveal()).isEqualTo("second");
  }

  @Test
  void aFileThatIsGoneOrEmptyChangesNothing() throws Exception {
    Secret secret = Secret.inFile(file);
    Files.delete(file);
    assertThat(secret.renew()).isFalse();
    Files.writeString(file, "\n");
    assertThat(secret.renew()).isFalse();
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe});
    assertThat(secret.renew()).isFalse();
    Files.writeString(file, "x".repeat(Secret.LARGEST + 1));
    assertThat(secret.renew()).isFalse();
    assertThat(secret.reveal()).isEqualTo("first");
    Files.writeString(file, "second");
    assertThat(secret.renew()).isTrue();
  }

  /** A rewrite within the tick of the file system's clock leaves the same stamps. */
  @Test
  void whoeverWasRefusedDoesNotTrustTheStamps() throws Exception {
    FileTime stamp = Files.getLastModifiedTime(file);
    Secret secret = Secret.inFile(file);
    Files.writeString(file, "other\n");
    Files.setLastModifiedTime(file, stamp);
    assertThat(secret.renew()).isTrue();
    assertThat(secret.reveal()).isEqualTo("other");
  }

  /** As Kubernetes does: the name is a link into a folder that is exchanged as a whole. */
  @Test
  void aLinkThatLeadsElsewhereIsFollowed() throws Exception {
    Path old = Files.createDirectory(folder.resolve("..old"));
    Path fresh = Files.createDirectory(folder.resolve("..fresh"));
    Files.writeString(old.resolve("key"), "first");
    Files.writeString(fresh.resolve("key"), "again");
    Path data = Files.createSymbolicLink(folder.resolve("..data"), old);
    Path name = Files.createSymbolicLink(folder.resolve("key"), Path.of("..data", "key"));
    Secret secret = Secret.inFile(name);
    Path next = Files.createSymbolicLink(folder.resolve("..next"), fresh);
    Files.move(next, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    assertThat(secret.renew()).isTrue();
    assertThat(secret.reveal()).isEqualTo("again");
  }

  private void replace(String text) throws Exception {
    Path fresh = Files.writeString(folder.resolve("fresh"), text);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
