package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.S3Settings;
import dev.caravan.lab.S3Server;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built jar with rclone, configured as dccd is. */
class RcloneIT {

  @TempDir Path folder;

  @Test
  void theRemoteOfDccdWorksUnchanged() throws Exception {
    S3Settings bucket = S3Server.CEPH.newBucket().settings();
    CaravanSetup caravan = dccd("s3:" + bucket.bucket() + "/crypto", rcloneConf(bucket));
    Path store = caravan.store();
    Trees.write(store.resolve("ohlc/btc.parquet"), "prices");
    Trees.write(store.resolve("new\nline ü"), "a name for the brave");
    Trees.write(store.resolve("gone"), "soon");
    Outcome validate = caravan.cli("validate");
    assertThat(validate.exitCode()).as("%s", validate).isZero();
    Outcome sync = caravan.cli("sync");
    assertThat(sync.exitCode()).as("%s", sync).isZero();
    assertThat(sync.out() + sync.err()).doesNotContain(S3Server.SECRET_KEY.reveal());
    check(store, bucket);

    Files.delete(store.resolve("gone"));
    Trees.write(store.resolve("ohlc/btc.parquet"), "other prices");
    caravan.cli("sync");
    Outcome last = caravan.cli("sync");
    assertThat(last.exitCode()).as("%s", last).isZero();
    check(store, bucket);
    assertThat(rclone("lsf", "-R", "--files-only", root(bucket) + "/.caravan/trash"))
        .endsWith("/gone\n");
    for (String mode : List.of("size", "hash", "full")) {
      Outcome equal = caravan.cli("check", "--mode", mode);
      assertThat(equal.exitCode()).as("%s", equal).isZero();
    }
  }

  @Test
  void aDryRunSaysOfEachFileWhatOnlyTheCatalogKeeps() throws Exception {
    CaravanSetup caravan = RcloneYaml.folder(folder).setup(folder);
    Trees.write(caravan.store().resolve("plain"), "as any new file");
    Path secret = caravan.store().resolve("secret");
    Trees.write(secret, "of its owner");
    Files.setAttribute(secret, "unix:uid", 1_234);
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Outcome dry = caravan.cli("sync", "--dry-run");
    assertThat(dry.exitCode()).as("%s", dry).isZero();
    assertThat(dry.out().lines().filter(line -> line.startsWith("upload")))
        .containsExactlyInAnyOrder(
            "upload (new) plain -> far",
            "upload (new) secret -> far: kept in the catalog only: permissions 0600, owner 1234:0");
    assertThat(caravan.cli("runs", "--json").json().at("/runs/0/log_tail").toString())
        .contains("Files whose permissions, owner or time 'far' does not keep as they are: 1");
  }

  @Test
  void aWrongRemoteIsSaidInOneLine() throws Exception {
    CaravanSetup caravan = dccd("nowhere:path", "");
    Trees.write(caravan.store().resolve("a"), "a");
    Outcome sync = caravan.cli("sync");
    assertThat(sync.exitCode()).as("%s", sync).isIn(1, 3);
    assertThat(sync.out() + sync.err()).contains("nowhere:path").contains("listremotes");
  }

  @Test
  void killedAtOnceItLeavesNoChild() throws Exception {
    CaravanProcess sync = slowSync();
    List<ProcessHandle> children = awaitChildren(sync);
    sync.kill9();
    awaitEndOf(children);
  }

  @Test
  void toldToStopItEndsItsChild() throws Exception {
    CaravanProcess sync = slowSync();
    List<ProcessHandle> children = awaitChildren(sync);
    sync.terminate(Duration.ofSeconds(40));
    awaitEndOf(children);
    assertThat(sync.err()).doesNotContain("Exception");
  }

  /** One whose upload takes a minute. */
  private CaravanProcess slowSync() throws IOException {
    CaravanSetup caravan = dccd("disk:" + folder.resolve("far"), "[disk]\ntype = local\n");
    Trees.write(caravan.store().resolve("big"), new byte[64 << 20]);
    return caravan.set("storage.bandwidth=1MiB/s").launched("sync");
  }

  private CaravanSetup dccd(String remote, String rcloneConf) throws IOException {
    Path conf = folder.resolve("home/.config/rclone/rclone.conf");
    Files.createDirectories(conf.getParent());
    Files.writeString(conf, rcloneConf);
    CaravanSetup caravan = CaravanSetup.in(folder).env("HOME", folder.resolve("home").toString());
    Files.createDirectories(caravan.store());
    return caravan
        .config(
            """
            settings:
              data_path: %s
            storage:
              remotes:
                - provider: rclone
                  remote: "%s"
              sync_interval: 3600
              min_free_gb: 0
            """
                .formatted(caravan.store(), remote))
        .set("store.settle=0s");
  }

  private static String rcloneConf(S3Settings bucket) {
    return """
        [s3]
        type = s3
        provider = Ceph
        endpoint = %s
        access_key_id = %s
        secret_access_key = %s
        """
        .formatted(
            bucket.endpoint().orElseThrow(), S3Server.ACCESS_KEY, S3Server.SECRET_KEY.reveal());
  }

  /** What rclone runs below Caravan. */
  private static List<ProcessHandle> awaitChildren(CaravanProcess caravan) {
    return Awaitility.await("rclone, sending" + caravan.logs())
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                ProcessHandle.of(caravan.pid()).stream()
                    .flatMap(ProcessHandle::descendants)
                    .filter(RcloneIT::isServer)
                    .toList(),
            children -> !children.isEmpty());
  }

  private static boolean isServer(ProcessHandle process) {
    try {
      Path arguments = Path.of("/proc/" + process.pid() + "/cmdline");
      return Files.readString(arguments, StandardCharsets.ISO_8859_1).startsWith("rclone\0rcd\0");
    } catch (IOException e) {
      return false;
    }
  }

  private static void awaitEndOf(List<ProcessHandle> children) {
    Awaitility.await("the end of rclone")
        .atMost(Duration.ofSeconds(15))
        .until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
  }

  private void check(Path store, S3Settings bucket) throws IOException {
    String said =
        rclone("check", "--download", "--exclude", ".caravan/**", "" + store, root(bucket));
    assertThat(said).contains("0 differences found");
  }

  private static String root(S3Settings bucket) {
    return "s3:" + bucket.bucket() + "/crypto";
  }

  private String rclone(String... arguments) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("rclone");
    builder.command().addAll(List.of(arguments));
    builder.environment().keySet().removeIf(name -> name.matches("(AWS|RCLONE|XDG)_.*"));
    builder.environment().put("HOME", folder.resolve("home").toString());
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    assertThat(process.exitValue()).as(said).isZero();
    return said;
  }
}
