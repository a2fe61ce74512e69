package dev.caravan.remote.rclone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.contract.TestContent;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.rclone.rcd.Rclone;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong with rclone is said in one line, and what passes by itself leaves nothing. */
class RcloneFaultsIT {

  private static final ObjectKey KEY = new ObjectKey("some/file");

  @TempDir Path folder;

  @Test
  void aMissingProgramIsNamed() {
    assertRefused(local().binary("/no/such/rclone"), "'/no/such/rclone' cannot be started");
  }

  @Test
  void aProgramThatIsNotRcloneIsNamed() {
    assertRefused(local().binary("true"), "'true' does not say its version");
  }

  @Test
  void anOldVersionIsRefused() throws Exception {
    Path fake = folder.resolve("rclone");
    Files.writeString(fake, "#!/bin/sh\necho 'rclone v1.53.3-DEV'\n");
    Files.setPosixFilePermissions(fake, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertRefused(
        local().binary(fake.toString()), "rclone is v1.53.3-DEV, but v1.60 or newer is needed");
  }

  @Test
  void anUnknownRemoteIsNamed() {
    assertRefused(RcloneSetup.in(folder, "nowhere:path"), "nowhere", "listremotes");
  }

  @Test
  void anUnknownFlagIsNamed() {
    assertRefused(local().flags("--no-such-flag"), "unknown flag: --no-such-flag");
  }

  @Test
  void aConfigurationWithAPasswordAsksNobody() throws Exception {
    RcloneSetup setup = local().config("RCLONE_ENCRYPT_V0:\nnothing that could be decrypted\n");
    assertRefused(setup, "config");
  }

  @Test
  void aChildThatDiesWhileAFileIsSentIsReplacedAndLeavesNothing() throws Exception {
    try (RcloneRemote remote = local().open()) {
      remote.probe();
      AtomicBoolean once = new AtomicBoolean();
      TestContent content = TestContent.ofSize(20 << 20, 1);
      content.onRead(() -> runOnce(once, ProcessHandle::destroyForcibly));
      RemoteException failure =
          catchThrowableOfType(RemoteException.class, () -> remote.put(KEY, content));
      assertThat(failure.reason().isTransient()).as("%s", failure).isTrue();
      assertThat(remote.find(KEY)).isEmpty();
      remote.put(KEY, content);
      assertThat(remote.find(KEY).orElseThrow().sha256()).contains(content.sha256());
      remote.sweep(KEY, Instant.EPOCH);
      assertThat(temporaryFiles()).isEmpty();
    }
  }

  @Test
  void aChildThatHangsIsEndedAndReplaced() throws Exception {
    try (RcloneRemote remote = local().hasty().open()) {
      remote.probe();
      AtomicBoolean once = new AtomicBoolean();
      TestContent content = TestContent.ofSize(20 << 20, 2);
      content.onRead(() -> runOnce(once, RcloneFaultsIT::freeze));
      RemoteException failure =
          catchThrowableOfType(RemoteException.class, () -> remote.put(KEY, content));
      assertThat(failure).hasMessageContaining("did not answer");
      assertThat(failure.reason().isTransient()).isTrue();
      remote.put(KEY, content);
      assertThat(remote.find(KEY)).isPresent();
    }
    assertThat(children()).isEmpty();
  }

  @Test
  void aTransferOfWhichNothingMovesIsBrokenOff() throws Exception {
    try (RcloneRemote remote = local().hasty().open()) {
      remote.probe();
      TestContent content = TestContent.ofSize(20 << 20, 3);
      content.onRead(RcloneFaultsIT::waitForEver);
      Throwable failure = catchThrowable(() -> remote.put(KEY, content));
      assertThat(failure).hasMessageContaining("nothing moved for PT2S");
      assertThat(remote.find(KEY)).isEmpty();
    }
  }

  @Test
  void theChildListensToNobodyElseAndEndsWithUs() throws Exception {
    RcloneSetup setup = local();
    Rclone rclone = setup.rclone();
    RcloneRemote remote = setup.open(rclone);
    remote.probe();
    List<ProcessHandle> children = children();
    assertThat(children).isNotEmpty();
    for (ProcessHandle child : children) {
      List<String> secrets = secretsOf(child);
      assertThat(secrets).hasSizeGreaterThanOrEqualTo(2);
      String arguments = read(child, "cmdline");
      assertThat(secrets).noneMatch(arguments::contains);
      assertThat(read(child, "environ")).doesNotContain("AWS_CA_BUNDLE");
    }
    assertThat(askWithoutPassword(rclone.address())).isEqualTo(401);
    remote.close();
    assertThat(children()).isEmpty();
    Throwable late = catchThrowable(() -> remote.find(KEY));
    assertThat(late)
        .isInstanceOfSatisfying(
            RemoteException.class, e -> assertThat(e.reason()).isEqualTo(Cause.CANCELLED));
  }

  private RcloneSetup local() {
    try {
      return RcloneSetup.in(folder, "disk:" + folder.resolve("far"))
          .config("[disk]\ntype = local\n");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertRefused(RcloneSetup setup, String... words) {
    try (RcloneRemote remote = setup.open()) {
      RemoteException failure = catchThrowableOfType(RemoteException.class, remote::probe);
      assertThat(failure.reason()).as("%s", failure).isEqualTo(Cause.NOT_THERE);
      assertThat(failure).hasMessageContainingAll(words).hasMessageStartingWith("Remote 'far'");
      assertThat(failure.getMessage()).doesNotContain("\n").hasSizeLessThan(700);
    }
    assertThat(children()).isEmpty();
  }

  private static void runOnce(AtomicBoolean once, Consumer<ProcessHandle> action) {
    if (once.compareAndSet(false, true)) {
      children().forEach(action);
    }
  }

  private static void freeze(ProcessHandle child) {
    try {
      new ProcessBuilder("kill", "-STOP", Long.toString(child.pid())).start().waitFor();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Until the transfer is given up, for whose sake this is read. */
  private static void waitForEver() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(5))
        .pollDelay(Duration.ofSeconds(4))
        .until(() -> true);
  }

  /** Every rclone below this process. */
  private static List<ProcessHandle> children() {
    return ProcessHandle.current()
        .descendants()
        .filter(child -> child.info().command().orElse("").endsWith("/rclone"))
        .toList();
  }

  private static List<String> secretsOf(ProcessHandle child) throws IOException {
    List<String> secrets = new ArrayList<>();
    for (String variable : read(child, "environ").split("\0")) {
      if (variable.matches("(?s).*(_PASS|_BEARER_TOKEN)=.*")) {
        secrets.add(variable.substring(variable.indexOf('=') + 1));
      }
    }
    return secrets;
  }

  private static String read(ProcessHandle child, String what) throws IOException {
    return Files.readString(
        Path.of("/proc/" + child.pid() + "/" + what), StandardCharsets.ISO_8859_1);
  }

  private static int askWithoutPassword(URI address) throws Exception {
    HttpRequest question =
        HttpRequest.newBuilder(address.resolve("core/version"))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    return HttpClient.newHttpClient()
        .send(question, HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private List<Path> temporaryFiles() throws IOException {
    try (var files = Files.list(folder.resolve("far/.caravan/tmp"))) {
      return files.toList();
    }
  }
}
